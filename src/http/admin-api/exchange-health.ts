import { Type } from 'typebox'
import type { AxisPoll } from '../../db/axis-polls.ts'
import type { Gauges } from '../../db/gauges.ts'
import type { Connectors } from '../../domain/axis/connector.ts'
import { ChannelIdSchema, Nullable, NullableDateTime, Text } from '../schemas/common.ts'

/** Other exchanges of which this gateway is a client. That one is away is told here, and makes nobody unready. */
export const ExchangesHealth = Type.Array(
  Type.Object({
    connector: Type.String(),
    channel: ChannelIdSchema,
    gateway: Nullable(Type.String({ description: 'Code of the agency that runs it' })),
    polledAt: NullableDateTime,
    readAt: NullableDateTime,
    failure: Nullable(
      Type.Object({ code: Type.String(), explanation: Text }, { description: 'Of the last poll' }),
    ),
    waiting: Type.Integer({ description: 'Deliveries that wait for it' }),
    oldestWaitingSeconds: Nullable(Type.Number()),
  }),
  {
    description:
      'Other exchanges of which this gateway is a client. What is for one that is away waits, and documents are accepted all the same.',
  },
)

/** How each connector stands, by the lists that were asked for and by what waits. */
export const exchangesHealth = (
  connectors: Connectors | null,
  polls: readonly AxisPoll[],
  abroad: Gauges['abroad'],
) =>
  (connectors?.all ?? []).map(({ name, channel, gateway }) => {
    const poll = polls.find(({ connector }) => connector === name)
    const waiting = abroad.find((one) => one.channel === channel && one.gateway === gateway)
    return {
      connector: name,
      channel,
      gateway,
      polledAt: poll?.polledAt ?? null,
      readAt: poll?.succeededAt ?? null,
      failure: poll?.failure ? { code: poll.failure.code, explanation: poll.failure.explanation } : null,
      waiting: waiting?.count ?? 0,
      oldestWaitingSeconds: waiting?.seconds ?? null,
    }
  })
