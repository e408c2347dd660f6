import { readFile } from 'node:fs/promises'
import { blobPath } from '../../../src/blobs/files.ts'
import { findSmallBlobs, SMALL_UP_TO } from '../../../src/db/small-blobs.ts'
import type { Sha256 } from '../../../src/domain/identifiers.ts'
import { putBackStored, SPOILT, type StoredBlobs, spoilStored } from '../../support/stored-blobs.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Measure } from '../fault.ts'
import type { World } from '../world.ts'
import { heard } from './heard.ts'

/** Who is away while its documents rot, and does not send. */
const RECIPIENT = 'G83'
const WAIT_MS = 120_000
/** The gauges are looked at every ten seconds. */
const METRIC_MS = 60_000

/** Where blobs lie, by the length of packets: what is small is a row, what is longer a file. */
const HOMES = [
  { least: 0, most: SMALL_UP_TO },
  { least: SMALL_UP_TO + 1, most: 1_000_000 },
]

interface Victim {
  readonly document: string
  readonly sender: string
  readonly blob: Sha256
  readonly bytes: Uint8Array
}

const storedOf = ({ pool, blobs }: World): StoredBlobs => ({ pool, root: blobs })

/**
 * Documents that wait for the recipient alone and that nobody has fetched; in each home they rot in every way: a flipped
 * byte, cut short, gone.
 */
export async function rot(world: World): Promise<readonly Victim[]> {
  const victims: Victim[] = []
  for (const { least, most } of HOMES) {
    const found = await findWaiting(world, least, most, SPOILT.length)
    for (const [index, damage] of SPOILT.entries()) {
      const { document, sender, blob } = found[index]!
      victims.push({ document, sender, blob, bytes: await bytesOf(world, blob) })
      await spoilStored(storedOf(world), blob, damage)
    }
  }
  return victims
}

const findWaiting = ({ pool }: World, least: number, most: number, wanted: number) =>
  waitFor(
    async () => {
      const { rows } = await pool.query<Omit<Victim, 'bytes'>>(
        `select document.id as document, sender_code as sender, packet_sha256 as blob from document
          where operation = 'new' and packet_length between $3 and $4
            and (select array_agg(recipient_code || ' ' || state) from delivery
              where document_id = document.id) = array[$1] order by id limit $2`,
        [`${RECIPIENT} available`, wanted, least, most],
      )
      return rows.length === wanted && rows
    },
    WAIT_MS,
    () => `${wanted} documents of ${least} to ${most} bytes wait for ${RECIPIENT}`,
  )

async function bytesOf({ pool, blobs }: World, blob: Sha256): Promise<Uint8Array> {
  const [row] = await findSmallBlobs(pool, [blob])
  return row ?? readFile(blobPath(blobs, blob))
}

/** Lets the recipient fetch: what is damaged is named and not given out, and everything else is. */
export async function meetRot(world: World, victims: readonly Victim[]): Promise<Measure[]> {
  world.receivers.get(RECIPIENT)!.away = false
  const documents = victims.map(({ document }) => document)
  const named = await waitFor(
    async () => {
      const { rows } = await world.pool.query<{ damage: string }>(
        `select detail->>'damage' as damage from audit_event
          where kind = 'content-damaged' and document_id = any($1) and detail->>'part' = 'packet'`,
        [documents],
      )
      return rows.length >= victims.length && rows
    },
    WAIT_MS,
    () => 'the damaged packets are named',
  )
  const others = await othersTaken(world, documents)
  const counted = await waitFor(
    () => gauge(world, victims.length),
    METRIC_MS,
    () => 'the gauge shows them',
  )
  const given = await statesOf(world, documents)
  return [
    {
      name: `of ${victims.length} damaged packets, named to operators and auditors`,
      seen: `${named.length}: ${named.map(({ damage }) => damage).join(', ')}`,
      bar: `${victims.length}`,
      met: named.length === victims.length,
    },
    { name: 'of these, handed over', seen: `${given}`, bar: '0', met: given === 0 },
    {
      name: 'other documents that went on to the same recipient',
      seen: `${others}`,
      bar: '> 0',
      met: others > 0,
    },
    {
      name: 'tram_damaged_blobs',
      seen: `${counted}`,
      bar: `${victims.length}`,
      met: counted === victims.length,
    },
  ]
}

const othersTaken = ({ pool }: World, documents: readonly string[]): Promise<number> =>
  waitFor(
    async () => {
      const { rows } = await pool.query<{ taken: number }>(
        `select count(*) as taken from delivery
          where recipient_code = $1 and handed_over_at is not null and document_id <> all($2)`,
        [RECIPIENT, documents],
      )
      return rows[0]!.taken > 0 && rows[0]!.taken
    },
    WAIT_MS,
    () => `${RECIPIENT} takes what is whole`,
  )

async function statesOf({ pool }: World, documents: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ given: number }>(
    'select count(*) as given from delivery where document_id = any($1) and handed_over_at is not null',
    [documents],
  )
  return rows[0]!.given
}

async function gauge({ members }: World, wanted: number): Promise<number | false> {
  const { url } = members.find(({ kind }) => kind === 'worker')!
  const text = await (await fetch(`${url}/metrics`)).text()
  const found = Number(/^tram_damaged_blobs (\d+)/m.exec(text)?.[1])
  return found === wanted && found
}

/** One sender sends its packet again; the other packets come back as from a backup. Returns when nothing is damaged any more. */
export async function mend(world: World, [first, ...rest]: readonly Victim[]): Promise<Measure> {
  const began = performance.now()
  for (const { blob, bytes } of rest) await putBackStored(storedOf(world), blob, bytes)
  const { status } = await heard(world.systems.get(first!.sender)!, {
    method: 'POST',
    path: '/v1/documents',
    headers: { 'content-type': 'application/xml', 'idempotency-key': `again-${first!.document}` },
    body: first!.bytes,
  })
  await waitFor(
    async () => (await world.pool.query('select from damaged_blob')).rows.length === 0,
    WAIT_MS,
    () => `no blob is damaged any more (sent again: ${status})`,
  )
  const seconds = (performance.now() - began) / 1_000
  return {
    name: 'whole again: one was sent again, the others were put back',
    seen: `${seconds.toFixed(1)} s, no other step`,
    bar: '≤ 60 s',
    met: seconds <= 60,
  }
}

/** Its documents gather. */
export const sendRecipientAway = (world: World): void => {
  world.receivers.get(RECIPIENT)!.away = true
}
