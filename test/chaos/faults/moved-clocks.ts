import { access } from 'node:fs/promises'
import { type Measure, notTested } from '../fault.ts'
import { pause } from '../system.ts'
import type { World } from '../world.ts'
import { clockOf, patiently } from './arrival-times.ts'

/** Where Debian's package `libfaketime` puts it. */
const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`
const MOVED_MS = 30_000

const movedBy = (offset: string) => ({
  LD_PRELOAD: LIBRARY,
  FAKETIME: offset,
  // A clock that is set says nothing of how long something took.
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
})

/** The clocks of processes, away from the database's in both directions. */
const OFFSETS: Readonly<Record<string, string>> = { 'api 1': '+300', 'worker 1': '-300', 'worker 2': '+300' }

/** Lets processes live by clocks of their own, while documents flow; then by the right one again. */
export async function moveClocks(world: World): Promise<Measure[]> {
  const there = await access(LIBRARY).then(
    () => true,
    () => false,
  )
  if (!there) return [notTested('moved clocks', 'there is no libfaketime here')]
  const moved = world.members.filter(({ name }) => OFFSETS[name] !== undefined)
  for (const member of moved) {
    await member.kill('SIGTERM')
    await member.start(movedBy(OFFSETS[member.name]!))
  }
  world.tell('clocks are five minutes off')
  const [from, line] = [await clockOf(world), world.journal.lines.length]
  await pause(MOVED_MS)
  const to = await clockOf(world)
  const meanwhile = world.journal.lines.slice(line)
  for (const member of moved) {
    await member.kill('SIGTERM')
    await member.start()
  }
  const accepted = meanwhile.filter(({ is }) => is === 'accepted').length
  const refused = meanwhile.flatMap((one) => (one.is === 'refused' ? [one.code] : []))
  const stolen = await patiently(() => attemptsTaken(world, from, to))
  const negative = await patiently(() => negativeSpans(world))
  const astray = await patiently(() =>
    acceptedOutside(
      world,
      from,
      to,
      meanwhile.flatMap((one) => (one.is === 'accepted' ? [one.key] : [])),
    ),
  )
  return [
    {
      name: 'clocks 5 min ahead and behind: documents accepted',
      seen: `${accepted}, refused ${refused.length}${refused.length > 0 ? ` (${[...new Set(refused)].join(', ')})` : ''}`,
      bar: '> 0, refused 0',
      met: accepted > 0 && refused.length === 0,
    },
    { name: 'leases taken from a living worker', seen: `${stolen}`, bar: '0', met: stolen === 0 },
    { name: 'spans of time below zero', seen: `${negative}`, bar: '0', met: negative === 0 },
    {
      name: 'receipts of another time than the database has',
      seen: `${astray}`,
      bar: '0',
      met: astray === 0,
    },
  ]
}

async function attemptsTaken({ pool }: World, from: Date, to: Date): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from attempt where state in ('abandoned', 'superseded') and started_at between $1 and $2
      and exists (select from attempt as next where next.delivery_id = attempt.delivery_id and next.epoch > attempt.epoch)`,
    [from, to],
  )
  return rows[0]!.count
}

async function negativeSpans({ pool }: World): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select (select count(*) from attempt where finished_at < started_at)
        + (select count(*) from delivery join document on document.id = delivery.document_id
          where handed_over_at < document.accepted_at or acknowledged_at < handed_over_at) as count`,
  )
  return rows[0]!.count
}

/** Those confirmed within a span whose time of acceptance lies minutes outside of it. */
async function acceptedOutside(
  { pool }: World,
  from: Date,
  to: Date,
  keys: readonly string[],
): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*) as count from document where id = any($3)
      and accepted_at not between $1::timestamptz - interval '1 minute' and $2::timestamptz + interval '1 minute'`,
    [from, to, keys],
  )
  return rows[0]!.count
}
