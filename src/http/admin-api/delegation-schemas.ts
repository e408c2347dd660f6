import { Type } from 'typebox'
import type { DelegationRecord } from '../../db/delegations.ts'
import { Nullable } from '../schemas/common.ts'

export const DelegationSchema = Type.Object({
  id: Type.String(),
  agency: Type.String({ description: 'In whose name' }),
  delegate: Type.String({ description: 'Whose clients may send and receive in that name' }),
  validFrom: Type.String({ format: 'date' }),
  validTo: Nullable(Type.String({ format: 'date', description: 'First day after its end' })),
})

export const presentDelegation = (delegation: DelegationRecord): Type.Static<typeof DelegationSchema> =>
  delegation
