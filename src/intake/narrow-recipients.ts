import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import type { AddressedRecipient, AddressedRecipients } from './address-recipients.ts'
import type { HandedIn } from './handed-in.ts'
import type { NamedRecipient } from './recipient-faults.ts'
import { type IdentifiedDocument, introducesDocument } from './submission.ts'

/**
 * Of the recipients that a packet names, those for whom it is handed in. What is wrong with the names of others is
 * somebody else's matter. Groups stay expanded as a whole: what speaks of the document later means all their members.
 */
export function narrowRecipients(
  document: IdentifiedDocument,
  named: readonly NamedRecipient[],
  { recipients, expansions, faults }: AddressedRecipients,
): AddressedRecipients {
  const { handedIn } = document
  if (handedIn === null) return { recipients, expansions, faults }
  const own = new Set(named.filter(({ organId }) => handedIn.names(organId)).map(({ path }) => path))
  const kept = recipients.filter((one) => handedIn.meets(reached(one)))
  const beyond =
    handedIn.isSure && introducesDocument(document.envelope) ? findBeyond(document, handedIn, kept) : NONE
  return {
    recipients: [...kept, ...beyond.recipients],
    expansions: expansions.filter(({ group }) => isNamedIn(kept, group)),
    faults: [...faults.filter(({ path }) => path !== undefined && own.has(path)), ...beyond.faults],
  }
}

const reached = ({ agency, addressed }: AddressedRecipient) => ({ recipient: agency.code, addressed })

const isNamedIn = (recipients: readonly AddressedRecipient[], code: AgencyCode): boolean =>
  recipients.some(({ addressed }) => addressed.some(({ group }) => group?.code === code))

interface Beyond {
  readonly recipients: readonly AddressedRecipient[]
  readonly faults: readonly Fault[]
}
const NONE: Beyond = { recipients: [], faults: [] }

/**
 * Agencies that another exchange asks for and that are not found among the recipients. They are members of a group that
 * only the other directory has, where To holds a name that nobody knows here; else the exchange is told, so that it does
 * not count them as served.
 */
function findBeyond(
  { envelope, registry: { directory }, day }: IdentifiedDocument,
  { codes }: HandedIn,
  kept: readonly AddressedRecipient[],
): Beyond {
  const found = new Set(
    kept.flatMap(({ agency, addressed }) => [
      agency.code,
      ...addressed.flatMap(({ code, group }) => (group === undefined ? [code] : [code, group.code])),
    ]),
  )
  const to = envelope.kind === 'document' ? envelope.to.map(({ organId }) => organId) : []
  const unknown = to.find((spelling) => directory.codeOf(spelling, day) === undefined)
  const spelled = new Set<string>(to.map((spelling) => directory.codeOf(spelling, day)?.code ?? spelling))
  const recipients: AddressedRecipient[] = []
  const faults: Fault[] = []
  // Names of To that lead nowhere have a fault of their own.
  for (const code of codes.filter((one) => !found.has(one) && !spelled.has(one))) {
    const agency = directory.isOpen(code, day) ? directory.agency(code, day) : undefined
    if (agency === undefined || unknown === undefined) faults.push(notAmongRecipients(code))
    else recipients.push({ agency, addressed: [{ spelling: unknown, code, name: agency.name, hops: [] }] })
  }
  return { recipients, faults }
}

const notAmongRecipients = (code: AgencyCode): Fault => ({
  code: 'recipient-not-named',
  severity: 'error',
  path: '//MessageHeader/To',
  found: code,
  hint: {
    vi: `Gói tin được chuyển cho ${code}, nhưng không ghi ${code} trong nơi nhận.`,
    en: `The packet is handed in for ${code}, and does not name it among its recipients.`,
  },
})
