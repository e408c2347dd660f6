import { Type } from 'typebox'
import { CHANNEL_IDS } from '../../domain/channel-id.ts'
import { code, day, documentType, line, optional, strict, tier } from './shape-parts.ts'

const urgency = Type.Integer({ minimum: 0, maximum: 4, description: '0 normal … 4 immediate, timed' })
const hour = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'HH:mm, Vietnam time' })
const channel = Type.Enum([...CHANNEL_IDS])

/** What a rule of the routing table is written as. */
export const RULE_SHAPE = strict(
  {
    id: Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' }),
    recipient: optional(code),
    under: optional(code),
    tier: optional(tier),
    documentType: optional(documentType),
    urgencyAtLeast: optional(urgency),
    sender: optional(code),
    senderUnder: optional(code),
    validFrom: optional(day),
    validTo: optional(day),
    channel,
    gateway: optional(code),
    fallback: optional(Type.Array(channel, { maxItems: CHANNEL_IDS.length })),
    quietHours: optional(strict({ from: hour, to: hour, passedFrom: urgency })),
    maxBytes: optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    comment: optional(line(500)),
  },
  { description: 'Every condition given must hold; the first rule that matches decides' },
)
