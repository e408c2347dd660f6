import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from '../../support/wait-for.ts'
import { type Measure, noneOf, notTested } from '../fault.ts'
import { pause } from '../system.ts'
import type { Member, World } from '../world.ts'
import { clockOf, patiently } from './arrival-times.ts'

/** Where Debian's package `libfaketime` puts it. */
const LIBRARY = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`
const MOVED_MS = 30_000
/** Seconds between what was set and what a process says: its file is read once a second, and Date has whole seconds. */
const NEAR_SECONDS = 5
const SEEN_MS = 30_000

interface MovedClock {
  /** Seconds that its clock is ahead of the database's. */
  readonly seconds: number
  /** As somebody sets the clock of a machine that is at work; false where the process starts under a clock that is off. */
  readonly whileRunning: boolean
}

/** The clocks of processes, away from the database's in both directions. */
const CLOCKS: Readonly<Record<string, MovedClock>> = {
  'api 1': { seconds: 300, whileRunning: true },
  'worker 1': { seconds: -300, whileRunning: true },
  'worker 2': { seconds: 300, whileRunning: false },
}

const clockFile = (folder: string, { name }: Member): string =>
  join(folder, `${name.replace(' ', '-')}.clock`)
const offset = (seconds: number): string => `${seconds < 0 ? '' : '+'}${seconds}\n`

const underClock = (file: string) => ({
  LD_PRELOAD: LIBRARY,
  FAKETIME_TIMESTAMP_FILE: file,
  // Seconds for which what the file says is believed.
  FAKETIME_CACHE_DURATION: '1',
  // A clock that is set says nothing of how long something took.
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
})

/** Seconds that a process's clock is ahead of this machine's, by what it puts into its answers. */
async function aheadOf({ url }: Member): Promise<number> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })
  await answer.body?.cancel()
  return Math.round((Date.parse(answer.headers.get('date') ?? '') - Date.now()) / 1_000)
}

const isNear = (seconds: number, wanted: number): boolean => Math.abs(seconds - wanted) <= NEAR_SECONDS

/** Waits until a process tells the time that it was given. @returns what it tells, which may be another one */
async function untilSeen(member: Member, wanted: number): Promise<number> {
  let seen = Number.NaN
  await waitFor(async () => {
    seen = await aheadOf(member)
    return isNear(seen, wanted)
  }, SEEN_MS).catch(() => undefined)
  return seen
}

/** Moves the clocks; those of processes that are at work stood right before. @returns what each process said, and whether it is so */
async function setClocks({ folder }: World, moved: readonly Member[]): Promise<Measure> {
  const told: string[] = []
  let met = moved.length === Object.keys(CLOCKS).length
  for (const member of moved) {
    const { seconds, whileRunning } = CLOCKS[member.name]!
    const file = clockFile(folder, member)
    const first = whileRunning ? 0 : seconds
    await writeFile(file, offset(first))
    await member.kill('SIGTERM')
    await member.start(underClock(file))
    const before = await untilSeen(member, first)
    await writeFile(file, offset(seconds))
    const after = await untilSeen(member, seconds)
    met &&= isNear(before, first) && isNear(after, seconds)
    told.push(
      `${member.name} ${whileRunning ? `${before} s, then as it ran ${after} s` : `${after} s from its start`}`,
    )
  }
  return {
    name: 'clocks of processes, by what they put into answers, ahead of the right time',
    seen: told.join('; '),
    bar: `0 s before, and 300 s, ± ${NEAR_SECONDS} s`,
    met,
  }
}

/** Lets processes live by clocks of their own, while documents flow; then by the right one again. */
export async function moveClocks(world: World): Promise<Measure[]> {
  const there = await access(LIBRARY).then(
    () => true,
    () => false,
  )
  if (!there) return [notTested('moved clocks', 'there is no libfaketime here (Debian: libfaketime)')]
  const moved = world.members.filter(({ name }) => CLOCKS[name] !== undefined)
  const set = await setClocks(world, moved)
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
  const keys = meanwhile.flatMap((one) => (one.is === 'accepted' ? [one.key] : []))
  const astray = await patiently(() => acceptedOutside(world, from, to, keys))
  return [
    set,
    {
      name: 'clocks 5 min ahead and behind: documents accepted',
      seen: `${accepted}, refused ${refused.length}${refused.length > 0 ? ` (${[...new Set(refused)].join(', ')})` : ''}`,
      bar: '> 0, refused 0',
      met: accepted > 0 && refused.length === 0,
    },
    noneOf('leases taken from a living worker', stolen),
    noneOf('spans of time below zero', negative),
    noneOf('receipts of another time than the database has', astray),
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
