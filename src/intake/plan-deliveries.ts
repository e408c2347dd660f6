import type { NewDelivery } from '../db/write-deliveries.ts'
import { routeDelivery } from '../directory/routing/route-delivery.ts'
import { resolveAddress } from '../directory/snapshot/resolve-address.ts'
import type { UsableChannels } from '../domain/channel-id.ts'
import type { AgencyOnDay, ResolvedAgency } from '../domain/directory/resolution.ts'
import type { Effects } from '../domain/effects.ts'
import { type AgencyCode, newDeliveryKey } from '../domain/identifiers.ts'
import type { Addressed, DeliveryExplanation } from '../domain/routing-rule.ts'
import { urgencyOf } from '../domain/urgency.ts'
import { type AddressedRecipient, addressedAs } from './address-recipients.ts'
import { behindStopped } from './behind-stopped.ts'
import { documentTypeNameOf, type RoutedDocument } from './submission.ts'

/** A delivery that is to be added, with the name of who gets it. */
export interface PlannedDelivery extends NewDelivery {
  readonly name: string
  readonly route: DeliveryExplanation
}

/** Who is told what an agency would be told of an earlier document, whatever its policy for new ones. */
export function reachOf(document: RoutedDocument): (code: AgencyCode) => ResolvedAgency | null {
  const { registry, day, envelope } = document
  const documentType = documentTypeNameOf(envelope)
  const facts = { day, evenIfBounced: true, ...(documentType !== undefined && { documentType }) }
  const known = new Map<AgencyCode, ResolvedAgency | null>()
  return (code) => {
    const before = known.get(code)
    if (before !== undefined) return before
    const found = resolveAddress(registry.directory, code, facts)
    const reached = found.outcome === 'agency' ? found : null
    known.set(code, reached)
    return reached
  }
}

/** The deliveries of a packet: to whom, by which of its names, and which way. */
export function planDeliveries(
  usable: UsableChannels,
  document: RoutedDocument,
  effects: Effects,
  now: Date,
): PlannedDelivery[] {
  const { envelope, registry, day, sender, packet } = document
  const recipients = addressedRecipients(document, effects)
  const facts = {
    sender: sender.code,
    documentType: documentTypeNameOf(envelope),
    urgency: urgencyOf(envelope.kind === 'document' ? envelope.priority : undefined),
    bytes: packet.length,
    day,
  }
  const acting = actingFor(document)
  const reach = reachOf(document)
  const after = behindStopped(effects, (code) => reach(code)?.agency.code ?? null, now)
  return recipients.map(({ agency, addressed }) => {
    const way = routeDelivery(registry, usable, { ...facts, recipient: agency }, now)
    return {
      key: newDeliveryKey(),
      recipient: agency.code,
      name: agency.name,
      tier: agency.tier,
      channel: way.channel,
      ...(after.get(agency.code) ?? { firstAttemptAt: way.firstAttemptAt }),
      route: { ...way.route, addressed, ...acting },
    }
  })
}

const actingFor = ({ delegate, sender }: RoutedDocument): Pick<DeliveryExplanation, 'actingFor'> =>
  delegate === null ? {} : { actingFor: { delegate, agency: sender.code } }

/** By the names of To; and, where somebody is told for an agency that has closed, by that one's name. */
function addressedRecipients(document: RoutedDocument, effects: Effects): AddressedRecipient[] {
  const found = new Map(document.to.map((recipient) => [recipient.agency.code, recipient]))
  const inPlaceOf = holdersByReached(document, effects)
  return effects.recipients.map((code) => {
    const known = found.get(code)
    const agency = known?.agency ?? agencyOf(document, code)
    const names = [...(known?.addressed ?? []), ...(inPlaceOf.get(code) ?? [])]
    const addressed = [...new Map(names.map((one) => [`${one.group?.code ?? ''} ${one.code}`, one])).values()]
    return {
      agency,
      addressed: addressed.length > 0 ? addressed : [{ spelling: code, code, name: agency.name, hops: [] }],
    }
  })
}

/** Names beside those of To: of holders that have closed, and of what was withdrawn though not every name was spoken of. */
function holdersByReached(
  document: RoutedDocument,
  { ask, withdraw, stop }: Effects,
): Map<AgencyCode, Addressed[]> {
  const reach = reachOf(document)
  const names = new Map<AgencyCode, Addressed[]>()
  for (const { recipient, names: earlier } of [...withdraw, ...stop]) {
    const reached = earlier.left.length === 0 ? null : reach(recipient)
    if (reached === null) continue
    const left = earlier.left.map((one) => ({ ...one, hops: [...one.hops, ...reached.hops] }))
    names.set(reached.agency.code, [...(names.get(reached.agency.code) ?? []), ...left])
  }
  for (const { recipient } of ask) {
    const reached = reach(recipient)
    if (reached === null || reached.hops.length === 0) continue
    const { code } = reached.agency
    names.set(code, [...(names.get(code) ?? []), addressedAs(recipient, reached)])
  }
  return names
}

function agencyOf({ registry, day }: RoutedDocument, code: AgencyCode): AgencyOnDay {
  const agency = registry.directory.agency(code, day)
  if (agency === undefined) throw new Error(`${code} gets a delivery and is not in the directory`)
  return agency
}
