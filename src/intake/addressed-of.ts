import type { DeliveryRecord } from '../db/deliveries.ts'
import type { Addressed, DeliveryExplanation } from '../domain/routing-rule.ts'

/** Every name of its packet that led to a delivery; none for deliveries from before these were kept. */
export const addressedOf = ({ route }: Pick<DeliveryRecord, 'route'>): readonly Addressed[] =>
  (route as Partial<DeliveryExplanation> | null)?.addressed ?? []
