import type { AgencyCode } from './identifiers.ts'
import type { Addressed } from './routing-rule.ts'

/**
 * The names that led to a recipient, without its own code as the packet may have spelled it; with that too where the
 * document was taken back from it.
 */
export const namedOtherwise = (recipient: AgencyCode, addressed: readonly Addressed[] = []): Addressed[] =>
  addressed.filter(
    ({ spelling, group, hops, withdrawnBy }) =>
      spelling !== recipient || group !== undefined || hops.length > 0 || withdrawnBy !== undefined,
  )

/** The name of a recipient as it was when the delivery was last addressed; its code for deliveries from before. */
export function recipientName(recipient: AgencyCode, addressed: readonly Addressed[] = []): string {
  for (const { code, name, hops } of addressed) {
    const last = hops.at(-1)?.to ?? { code, name }
    if (last.code === recipient) return last.name
  }
  return recipient
}
