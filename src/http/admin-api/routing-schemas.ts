import { Type } from 'typebox'
import type { RoutingTable } from '../../db/routing.ts'
import { RULE_SHAPE } from '../../directory/drafts/rule-shape.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import { DateTime, Nullable, Uuid } from '../schemas/common.ts'

export const RoutingTableSchema = Type.Object({
  revision: Type.Integer(),
  author: Type.String({ description: 'Who wrote the version that was approved' }),
  approvedBy: Nullable(Type.String({ description: 'Null only for what a new gateway begins with' })),
  draftId: Nullable(Uuid),
  createdAt: DateTime,
  effectiveFrom: DateTime,
  rules: Type.Unsafe<readonly TableRule[]>(Type.Array(RULE_SHAPE)),
})

export const presentTable = (table: RoutingTable): Type.Static<typeof RoutingTableSchema> => ({ ...table })
