import type { DeliveryRecord } from '../db/deliveries.ts'

/**
 * By which names another exchange knows a delivery's recipient: as the packet's To spells them, for it narrows the packet
 * to them. An address group is known here alone; its member goes by its own code. Names from which the document was taken
 * back are left out.
 */
export function namesThere({ recipient, route }: Pick<DeliveryRecord, 'recipient' | 'route'>): string[] {
  const names = (route.addressed ?? [])
    .filter(({ withdrawnBy }) => withdrawnBy === undefined)
    .map(({ spelling, group, code }) => (group === undefined ? spelling : code))
  return names.length === 0 ? [recipient] : [...new Set(names)]
}
