import { Type } from 'typebox'
import { ChannelIdSchema, Nullable, UrgencyNumber } from './common.ts'

/** Schemas of what explains a route, shared by the doors. */

export const NamedAgencySchema = Type.Object({ code: Type.String(), name: Type.String() })

export const HopSchema = Type.Object(
  {
    from: NamedAgencySchema,
    to: NamedAgencySchema,
    act: Type.String({ description: 'merge, split, recode, closure' }),
    on: Type.String({ description: 'First day on which it holds, yyyy-MM-dd' }),
    basis: Nullable(Type.String({ description: 'The legal act' })),
  },
  { description: 'One step from an agency that has closed to the one that takes over' },
)

export const AddressedSchema = Type.Object(
  {
    spelling: Type.String({ description: 'As the packet spells it' }),
    code: Type.String({ description: 'The agency that was named' }),
    name: Type.String(),
    group: Type.Optional(NamedAgencySchema),
    hops: Type.Array(HopSchema),
    withdrawnBy: Type.Optional(
      Type.String({ description: 'The document that took it back from this name, and not from all' }),
    ),
  },
  { description: 'How a name of the packet led to the recipient' },
)

export const QuietHoursSchema = Type.Object({
  from: Type.String({ description: 'HH:mm, Vietnam' }),
  to: Type.String({ description: 'HH:mm, Vietnam; maybe on the next day' }),
  passedFrom: UrgencyNumber,
})

const because = Type.String({ description: 'The condition that did not hold, or what the channel lacks' })

/** Open to more: deliveries of earlier releases keep what explained them then. */
export const DeliveryExplanationSchema = Type.Object(
  {
    directoryRevision: Type.Optional(Type.Integer()),
    revision: Type.Integer({ description: 'Revision of the routing table' }),
    rule: Type.String({ description: 'Id of the rule that decided, or default:…' }),
    tried: Type.Array(Type.Object({ rule: Type.String(), because })),
    alsoPassed: Type.Optional(Type.Integer({ description: 'Further rules that came before it' })),
    endpointOf: Type.Optional(Type.String({ description: 'Whose endpoint, where not its own' })),
    fellBackFrom: Type.Optional(Type.Array(Type.Object({ channel: ChannelIdSchema, because }))),
    gateway: Type.Optional(Type.String()),
    fallback: Type.Optional(Type.Array(ChannelIdSchema)),
    quietHours: Type.Optional(QuietHoursSchema),
    rerouted: Type.Optional(
      Type.Array(
        Type.Object({
          from: ChannelIdSchema,
          to: ChannelIdSchema,
          because: Type.String({ description: 'Code of the failure' }),
          at: Type.String({ description: 'ISO 8601' }),
        }),
        { description: 'Channels that gave up, and what it went on by' },
      ),
    ),
    addressed: Type.Optional(Type.Array(AddressedSchema)),
    actingFor: Type.Optional(Type.Object({ delegate: Type.String(), agency: Type.String() })),
  },
  {
    additionalProperties: true,
    description: 'Why it goes this way: revisions, rule, what was tried before, and the names that led there',
  },
)
