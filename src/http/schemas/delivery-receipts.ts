import { type Static, Type } from 'typebox'
import type { SignedDeliveryReceipt } from '../../receipts/delivery-receipts.ts'
import { DeliveryStateId } from './common.ts'
import { pageOf } from './page.ts'

const DeliveryReceiptSchema = Type.Object({
  deliveryId: Type.String(),
  agency: Type.String(),
  name: Type.String(),
  state: DeliveryStateId,
  receipt: Type.String({
    description: 'A compact JWS, signed now from what is on record: names, redirections, state and times',
  }),
})

export const DeliveryReceiptsPage = Type.Object({
  receipt: Type.String({ description: 'The acceptance receipt, a compact JWS' }),
  ...pageOf(DeliveryReceiptSchema).properties,
})

export const presentDeliveryReceipt = ({
  claims,
  receipt,
}: SignedDeliveryReceipt): Static<typeof DeliveryReceiptSchema> => ({
  deliveryId: claims.delivery,
  agency: claims.agency,
  name: claims.name,
  state: claims.state,
  receipt,
})
