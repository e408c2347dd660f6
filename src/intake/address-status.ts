import { meantBy } from '../directory/acts/named-agencies.ts'
import { resolveAddress } from '../directory/snapshot/resolve-address.ts'
import type { StatusEnvelope } from '../domain/envelope.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { type AddressedRecipients, addressedAs } from './address-recipients.ts'
import { unresolvableFault } from './recipient-faults.ts'
import type { IdentifiedDocument } from './submission.ts'

/**
 * A status has no To: it goes to the other party of its ResponseFor, or to who took over from it, whatever the policy
 * for new documents: to whom its spelling meant when the document travelled. Where nobody has taken over, it goes to the inbox of the closed agency, which is still read.
 */
export function addressStatus(
  { registry: { directory }, day }: IdentifiedDocument,
  { responseFor }: StatusEnvelope,
  otherParty: AgencyCode | undefined,
): AddressedRecipients {
  const organId = responseFor.organId ?? ''
  const meant = otherParty ?? organId
  const found = resolveAddress(directory, meant, { day, evenIfBounced: true })
  if (found.outcome === 'agency')
    return {
      recipients: [{ agency: found.agency, addressed: [addressedAs(organId, found)] }],
      expansions: [],
      faults: [],
    }
  const code = directory.codeOf(meant, day)?.code
  const closed = code === undefined ? undefined : directory.agency(code, day)
  if (closed !== undefined) {
    const addressed = [{ spelling: organId, code: closed.code, name: closed.name, hops: [] }]
    return { recipients: [{ agency: closed, addressed }], expansions: [], faults: [] }
  }
  const named = { organId, path: '//MessageHeader/ResponseFor/OrganId' }
  return {
    recipients: [],
    expansions: [],
    faults: [unresolvableFault(named, found, meantBy(directory, organId, day))],
  }
}
