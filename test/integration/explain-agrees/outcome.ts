import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Pool } from '../../../src/db/pool.ts'
import type { RegistryHolder } from '../../../src/directory/snapshot/holder.ts'
import { type AgencyCode, agencyCode, edxmlDocumentId } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import type { DeliveryExplanation } from '../../../src/domain/routing-rule.ts'
import type { Urgency } from '../../../src/domain/urgency.ts'
import { buildDocumentPacket } from '../../../src/edxml/build/build-document-packet.ts'
import { acceptSubmission } from '../../../src/intake/accept-submission.ts'
import { callerOf, type TestGateway } from '../../support/gateway.ts'

export interface Asked {
  readonly sender: AgencyCode
  readonly spelling: string
  readonly documentType: string
  readonly urgency: Urgency
  readonly bytes: number
  readonly at: Date
  readonly directoryRevision: number
}

export interface Decided {
  readonly id: string
  readonly recipient: string
  readonly channel: string
  readonly route: DeliveryExplanation
  readonly nextAttemptAt: Date | null
}

/** What became of one pair: the deliveries that came of the name, or why there are none. */
export interface Outcome extends Asked {
  readonly deliveries: readonly Decided[]
  readonly refusal: string | null
}

/** The same registry by another clock. */
const clocked = (registry: RegistryHolder, at: Date): RegistryHolder => ({
  current: () => registry.current(),
  upToDate: (db) => registry.upToDate(db),
  asOfNow: async (db) => ({ ...(await registry.asOfNow(db)), now: at }),
  ageSeconds: () => registry.ageSeconds(),
  close: () => registry.close(),
})

let number = 0
function packetOf(
  { sender, documentType, urgency }: Omit<Asked, 'bytes' | 'spelling'>,
  to: readonly string[],
) {
  number += 1
  const content = buildDocumentPacket(
    {
      from: { organId: sender, organName: `Cơ quan ${sender}` },
      to: to.map((code) => ({ organId: agencyCode(code), organName: `Cơ quan ${code}` })),
      documentId: edxmlDocumentId(`${sender},2026/11/20,${number}`),
      codeNumber: String(number),
      codeNotation: 'TN',
      place: 'Hà Nội',
      promulgationDate: '2026/11/20',
      documentType: { type: 2, typeDetail: 18, typeName: documentType },
      subject: 'Thử giải thích đường đi',
      signer: { competence: 'TM.', position: 'Chánh Văn phòng', fullName: 'Nguyễn Văn Thử' },
      toPlaces: [],
      priority: urgency,
      appendixes: [],
      responseFor: [],
      trace: [],
      business: { operation: 'new', receivers: [], replacements: [] },
    },
    [],
  )
  return buffer(Readable.from(content))
}

/** Submits to all of these names; answers what was refused about each, or null where the document was accepted. */
async function submit(
  gateway: TestGateway,
  packet: Uint8Array,
  { sender, at }: Omit<Asked, 'bytes' | 'spelling'>,
): Promise<GatewayError | string> {
  const dependencies = {
    ...gateway.api,
    registry: clocked(gateway.api.registry, at),
    receiptKeyAt: () => gateway.api.receiptKeyAt(new Date()),
  }
  const submission = { caller: callerOf(sender), content: Readable.from([Buffer.from(packet)]) }
  try {
    return (await acceptSubmission(dependencies, submission)).claims.document
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

async function deliveriesOf(pool: Pool, document: string): Promise<Decided[]> {
  const { rows } = await pool.query<Decided>(
    `select id, recipient_code as recipient, channel, route, next_attempt_at as "nextAttemptAt"
      from delivery where document_id = $1`,
    [document],
  )
  return rows
}

/** One document to many names: what is refused is told name by name, and the rest is sent again without it. */
export async function tryDocument(
  gateway: TestGateway,
  about: Omit<Asked, 'bytes' | 'spelling'>,
  names: readonly string[],
): Promise<Outcome[]> {
  const packet = await packetOf(about, names)
  const bytes = packet.length
  const answer = await submit(gateway, packet, about)
  if (typeof answer === 'string') {
    const deliveries = await deliveriesOf(gateway.api.pool, answer)
    return names.map((spelling) => ({
      ...about,
      bytes,
      spelling,
      refusal: null,
      deliveries: deliveries.filter(({ route }) => route.addressed.some((one) => one.spelling === spelling)),
    }))
  }
  if (answer.code !== 'recipients-unresolvable')
    return names.map((spelling) => ({ ...about, bytes, spelling, refusal: answer.code, deliveries: [] }))
  const reasons = new Map(answer.faults.map(({ found, reason, code }) => [found, reason ?? code]))
  const refused = names.filter((name) => reasons.has(name))
  const others = names.filter((name) => !reasons.has(name))
  const again = others.length === 0 ? [] : await tryDocument(gateway, about, others)
  return [
    ...refused.map((spelling) => ({
      ...about,
      bytes,
      spelling,
      refusal: reasons.get(spelling)!,
      deliveries: [],
    })),
    ...again,
  ]
}
