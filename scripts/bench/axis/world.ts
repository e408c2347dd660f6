import pg from 'pg'
import type { Pool } from '../../../src/db/pool.ts'
import { createAxisSystem } from '../../../src/directory/axis-systems.ts'
import { DEFAULT_CLOCK_TOLERANCE_SECONDS } from '../../../src/domain/axis/axis-system.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import type { SecretBox } from '../../../src/domain/secret-box.ts'
import { agencyFacts, recordFacts } from '../../../test/support/record-facts.ts'

/** A system of its own for each agency: provinces, that serve everybody beneath, and communes. */
export const SYSTEMS = 1_000
const PROVINCES = 34

export interface BenchSystem {
  readonly systemId: string
  readonly secret: string
}

const codeOf = (number: number): string =>
  number < PROVINCES ? `K${number + 10}` : `K${(number % PROVINCES) + 10}.${number}`

/** @returns the systems, in the order of the numbers of their agencies */
export async function fillDirectory(pool: Pool, box: SecretBox): Promise<BenchSystem[]> {
  const numbers = Array.from({ length: SYSTEMS }, (_, number) => number)
  await recordFacts(
    pool,
    numbers.flatMap((number) =>
      agencyFacts({
        code: codeOf(number),
        name: `Cơ quan số ${number}`,
        tier: number < PROVINCES ? 'province' : 'commune',
        parent: number < PROVINCES ? null : codeOf(number % PROVINCES),
      }),
    ),
  )
  const systems: BenchSystem[] = []
  for (const number of numbers) {
    const systemId = `bench.${number}`
    const agency = agencyCode(codeOf(number))
    const wish = {
      systemId,
      name: systemId,
      agency,
      serves: [{ code: agency, withBeneath: number < PROVINCES }],
      rights: [],
      networks: [],
      certificateSha256: null,
      clockToleranceSeconds: DEFAULT_CLOCK_TOLERANCE_SECONDS,
    }
    systems.push({ systemId, secret: (await createAxisSystem(pool, box, wish, 'cli:bench')).secret })
  }
  return systems
}

/** Packets to all the others, beside those to one agency. */
const CIRCULARS = 100
/** Open packets of one agency whose system has not come by for long. */
export const BACKLOG = 20_000
/** Of the others, one packet in so many is open. */
const OPEN_ONE_IN = 20
/** The agency that sends the circulars: a province, whose system serves everybody beneath it, too. */
export const MINISTRY = 1

const CODE = (number: string): string =>
  `case when ${number} < ${PROVINCES} then 'K' || ${number} + 10
    else 'K' || (${number}) % ${PROVINCES} + 10 || '.' || ${number} end`
const UUID = (number: string, kind: string): string =>
  `(lpad(to_hex(${number}), 8, '0') || '-0000-7000-8000-00000000000${kind}')::uuid`
/** Senders in no order. */
const SCATTERED = `((n::bigint * 7919) % ${SYSTEMS})::integer`
const FILLER = `repeat(md5(n::text), 10)`
const DIGEST = `md5(n::text) || md5((-n)::text)`

/** The text of documents as `number` and `sender` say; about as long in its row as real ones are. */
const documents = (from: string, sender: string): string => `
  insert into document (id, kind, operation, sender_code, client_id, submission_key, edxml_document_id, packet_sha256,
    packet_length, code_number, code_notation, subject, urgency, status_code, search_text, envelope, signature_report,
    legal_value, seal_sha256, receipt, accepted_at)
  select ${UUID('n', '1')}, kind, case kind when 'document' then 'new' end, ${CODE('sender')}, 'bench.' || sender,
    'bench ' || n, 'bench,' || n, ${DIGEST}, 100000, n::text, 'BTN-VP', 'V/v thử nghiệm liên thông văn bản số ' || n,
    case when n % 50 = 0 then 3 else 0 end, case kind when 'status' then '03' end, '', '{}', '{}', 'agency-only',
    ${DIGEST}, ${FILLER}, now() - interval '100 days' + n * interval '8 seconds'
  from (select n, ${sender} as sender, case when n % 10 < 7 then 'document' else 'status' end as kind
    from ${from}) as number`

interface Delivered {
  readonly recipient: string
  /** Of documents that have a running number. */
  readonly where: string
  /** Numbers in inboxes begin after it. */
  readonly after: number
}

/** In the order of documents. */
const DELIVERY = `(lpad(to_hex(number), 8, '0') || '-' || lpad(to_hex(recipient), 4, '0') || '-7000-8000-000000000002')::uuid`

const deliveries = ({ recipient, where, after }: Delivered): string => `
  insert into delivery (id, document_id, recipient_code, tier, urgency, channel, route, state, state_since,
    handed_over_at, acknowledged_at, inbox_number, kind, accepted_at)
  select id, document_id, ${CODE('recipient')}, 'commune', urgency, 'mailbox', '{}', state, accepted_at,
    case state when 'acknowledged' then accepted_at end, case state when 'acknowledged' then accepted_at end,
    row_number() over (partition by recipient order by accepted_at) + ${after}, kind, accepted_at
  from (select ${DELIVERY} as id, document.id as document_id, recipient, document.urgency,
      document.accepted_at, document.kind,
      case when recipient = 0 or (number / ${SYSTEMS} + recipient) % ${OPEN_ONE_IN} = 0 then 'available'
        else 'acknowledged' end as state
    from (select document.*, code_number::integer as number from document) as document
    cross join lateral ${recipient}
    where ${where}) as one`

/**
 * Fills a migrated database as if packets had come and gone for a hundred days.
 * @param packets deliveries; most bring a document of their own, some a circular
 */
export async function fillWithPackets(
  databaseUrl: string,
  packets: number,
  say: (line: string) => void,
): Promise<void> {
  const single = packets - CIRCULARS * SYSTEMS
  const one = `(select case when number < ${BACKLOG} then 0 else number % ${SYSTEMS} end as recipient) as addressed`
  const all = `generate_series(0, ${SYSTEMS - 1}) as recipient`
  const steps: readonly (readonly [string, string])[] = [
    ['packets to one recipient', documents(`generate_series(0, ${single - 1}) as n`, SCATTERED)],
    ['circulars', documents(`generate_series(${single}, ${single + CIRCULARS - 1}) as n`, `${MINISTRY}`)],
    ['their deliveries', deliveries({ recipient: one, where: `number < ${single}`, after: 0 })],
    [
      "the circulars' deliveries",
      deliveries({ recipient: all, where: `number >= ${single}`, after: packets }),
    ],
    ['statistics', 'vacuum (analyze) document, delivery'],
  ]
  // The gateway's own connections wait no longer than half a minute.
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    for (const [what, text] of steps) {
      const began = performance.now()
      await client.query(text)
      say(`  ${what}: ${((performance.now() - began) / 1_000).toFixed(0)} s`)
    }
  } finally {
    await client.end()
  }
}
