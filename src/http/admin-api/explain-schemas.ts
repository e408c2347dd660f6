import { Type } from 'typebox'
import type { RouteAnswer } from '../../directory/explain/answer.ts'
import type { Words } from '../../directory/explain/lines.ts'
import { CHANNELS } from '../../domain/channel-id.ts'
import { ChannelIdSchema, DateTime, Nullable, Text, UrgencyNumber } from '../schemas/common.ts'
import {
  AddressedSchema,
  HopSchema,
  NamedAgencySchema,
  QuietHoursSchema,
} from '../schemas/route-explanation.ts'

const AgencyOnDay = Type.Object({
  code: Type.String(),
  name: Type.String(),
  tier: Type.String(),
  parent: Nullable(Type.String()),
})
const Alias = Nullable(Type.String({ description: 'The alias that was used; null where it was the code' }))
const PASSED_OVER = { because: Type.String({ description: 'Stable name of the reason' }), text: Text }

const Way = Type.Object(
  {
    recipient: AgencyOnDay,
    addressed: Type.Array(AddressedSchema),
    channel: ChannelIdSchema,
    gateway: Nullable(NamedAgencySchema),
    fallback: Type.Array(ChannelIdSchema),
    rule: Type.String(),
    ruleText: Text,
    comment: Nullable(Type.String()),
    maxBytes: Nullable(Type.Integer()),
    quietHours: Nullable(QuietHoursSchema),
    sentAt: DateTime,
    waits: Type.Boolean({ description: 'It waits for the end of quiet hours' }),
    endpoint: Nullable(
      Type.Object({
        channel: Type.Enum(Object.keys(CHANNELS)),
        url: Nullable(Type.String()),
        reaches: Type.String(),
        of: NamedAgencySchema,
      }),
    ),
    fellBackFrom: Type.Array(Type.Object({ channel: ChannelIdSchema, ...PASSED_OVER })),
    tried: Type.Array(Type.Object({ rule: Type.String(), ...PASSED_OVER }), {
      description: 'Rules before the one that decided, each with why it did not',
    }),
    alsoPassed: Type.Integer({ description: 'Further rules that came before it' }),
  },
  { description: 'Which way one agency gets the document' },
)

const Recipient = Type.Object(
  {
    outcome: Type.Enum(['agency', 'group', 'unresolvable']),
    alias: Alias,
    way: Type.Optional(Way),
    group: Type.Optional(NamedAgencySchema),
    count: Type.Optional(Type.Integer()),
    senderLeftOut: Type.Optional(Type.Boolean()),
    missing: Type.Optional(
      Type.Array(Type.Object({ code: Type.String(), reason: Type.String(), text: Text })),
    ),
    ways: Type.Optional(Type.Array(Way, { description: 'One page of the members' })),
    nextAfter: Type.Optional(
      Nullable(Type.String({ description: 'Give it as `after` for the next page; null on the last' })),
    ),
    reason: Type.Optional(Type.String({ description: 'Why it goes nowhere' })),
    text: Type.Optional(Text),
    hops: Type.Optional(Type.Array(HopSchema)),
    last: Type.Optional(Nullable(AgencyOnDay)),
    closedOn: Type.Optional(Nullable(Type.String())),
    successor: Type.Optional(Nullable(NamedAgencySchema)),
    meant: Type.Optional(Nullable(NamedAgencySchema)),
  },
  {
    description:
      '`way` of an agency; `group` to `nextAfter` of an address group; `reason` to `meant` of neither. `meant` is whom an unknown code would mean by the usual rewriting of old codes: a suggestion, and nothing goes by it',
  },
)

const Sender = Type.Object({
  spelling: Type.String(),
  outcome: Type.Enum(['open', 'closed', 'unknown']),
  alias: Alias,
  agency: Nullable(AgencyOnDay),
  delegates: Type.Array(
    Type.Object({
      code: Type.String(),
      name: Nullable(Type.String()),
      isOpen: Type.Boolean(),
      validFrom: Type.String(),
      validTo: Nullable(Type.String()),
    }),
    { description: 'Who may send in its name on that day' },
  ),
})

const Table = Type.Object({
  revision: Type.Integer(),
  because: Type.String({ description: 'in-force, asked-for, earliest' }),
  text: Text,
  effectiveFrom: DateTime,
  author: Type.String(),
  approvedBy: Nullable(Type.String()),
  rules: Type.Integer(),
  next: Nullable(Type.Object({ revision: Type.Integer(), effectiveFrom: DateTime })),
})

/** An answer in codes, and the same in words. The type of the answer is that of the function which gives it. */
export const RouteAnswerSchema = Type.Unsafe<RouteAnswer & { readonly words: Words }>(
  Type.Object({
    asked: Type.Object({
      sender: Type.String(),
      recipient: Type.String(),
      documentType: Nullable(Type.String()),
      urgency: UrgencyNumber,
      bytes: Type.Integer(),
      at: DateTime,
      day: Type.String(),
    }),
    directoryRevision: Type.Integer(),
    table: Table,
    sender: Sender,
    recipient: Recipient,
    words: Type.Array(Text, { description: 'The same for people, line by line' }),
  }),
)
