import { Type } from 'typebox'
import type { RoutingTable } from '../../db/routing.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { TableRule } from '../../domain/routing-rule.ts'
import type { Urgency } from '../../domain/urgency.ts'
import { ChannelIdSchema, Code, DateTime, Line, Tier, UrgencyNumber } from '../schemas/common.ts'

export const RuleSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' }),
    channel: ChannelIdSchema,
    recipient: Type.Optional(Code),
    sender: Type.Optional(Code),
    tier: Type.Optional(Tier),
    urgencyAtLeast: Type.Optional(UrgencyNumber),
    documentType: Type.Optional(Line(200)),
    comment: Type.Optional(Line(500)),
  },
  {
    additionalProperties: false,
    description: 'Every condition given must hold; the first rule that matches decides',
  },
)

export const RoutingTableSchema = Type.Object({
  revision: Type.Integer(),
  author: Type.String({ description: 'Client that put it in force' }),
  createdAt: DateTime,
  rules: Type.Array(RuleSchema),
})

export const toRule = (rule: Type.Static<typeof RuleSchema>): TableRule => {
  const { recipient, sender, urgencyAtLeast, ...rest } = rule
  return {
    ...rest,
    ...(recipient !== undefined && { recipient: agencyCode(recipient) }),
    ...(sender !== undefined && { sender: agencyCode(sender) }),
    ...(urgencyAtLeast !== undefined && { urgencyAtLeast: urgencyAtLeast as Urgency }),
  }
}

export const presentTable = (table: RoutingTable): Type.Static<typeof RoutingTableSchema> => ({
  ...table,
  rules: [...table.rules],
})
