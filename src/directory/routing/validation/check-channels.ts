import { CHANNELS, type ChannelId } from '../../../domain/channel-id.ts'
import type { Fault } from '../../../domain/fault.ts'
import {
  channelsOf,
  isConnected,
  isPast,
  type PlacedRule,
  ruleFault,
  type TableWorld,
} from './table-world.ts'

/** A rule's channels are different ones, name a gateway where there is one, and lead somewhere. */
export const checkChannels = (world: TableWorld, at: PlacedRule): Fault[] => [
  ...checkFallback(world, at),
  ...checkGateway(world, at),
  ...checkConnectors(world, at),
]

function checkFallback(world: TableWorld, at: PlacedRule): Fault[] {
  const { channel: own, fallback = [] } = at.rule
  return fallback.flatMap((channel, index) => {
    const field = `fallback/${index}`
    const { vi, en } = CHANNELS[channel].label
    if (channel === own)
      return [
        ruleFault(world, at, {
          code: 'fallback-cycle',
          field,
          found: channel,
          hint: {
            vi: `Kênh dự phòng quay lại chính kênh của quy tắc: ${vi}.`,
            en: `The fall-back leads back to the rule's own channel: ${en}.`,
          },
        }),
      ]
    if (fallback.indexOf(channel) === index) return []
    return [
      ruleFault(world, at, {
        code: 'fallback-repeated',
        field,
        found: channel,
        hint: {
          vi: `Kênh dự phòng có mặt hơn một lần: ${vi}.`,
          en: `The fall-back stands here twice: ${en}.`,
        },
      }),
    ]
  })
}

function checkGateway(world: TableWorld, at: PlacedRule): Fault[] {
  const isUsed = channelsOf(at.rule).includes('gateway')
  if (isUsed && at.rule.gateway === undefined)
    return [
      ruleFault(world, at, {
        code: 'gateway-missing',
        field: 'gateway',
        hint: {
          vi: 'Ghi mã cơ quan vận hành trục kia.',
          en: 'Name the agency that runs the other gateway.',
        },
      }),
    ]
  if (isUsed || at.rule.gateway === undefined) return []
  return [
    ruleFault(world, at, {
      code: 'gateway-unexpected',
      field: 'gateway',
      found: at.rule.gateway,
      hint: {
        vi: 'Không kênh nào của quy tắc là trục khác (gateway).',
        en: 'No channel of the rule is another gateway.',
      },
    }),
  ]
}

/** A rule that names only channels without connectors decides nothing for anybody. */
function checkConnectors(world: TableWorld, at: PlacedRule): Fault[] {
  if (isPast(at.rule, world)) return []
  const channels = channelsOf(at.rule)
  const without = channels.filter((channel) => !isConnected(channel, at.rule, world))
  if (without.length === 0) return []
  if (without.length === channels.length)
    return [
      ruleFault(world, at, {
        code: 'rule-dead-end',
        field: 'channel',
        found: without.join(', '),
        hint: {
          vi: `Quy tắc không dẫn tới đâu: trục này chưa có kết nối cho ${labels(without, 'vi')}. Hãy thêm kênh dự phòng.`,
          en: `The rule leads nowhere: this gateway has no connector for ${labels(without, 'en')}. Give it a fall-back.`,
        },
      }),
    ]
  return [
    ruleFault(world, at, {
      code: 'channel-not-connected',
      severity: 'warning',
      field: 'channel',
      found: without.join(', '),
      hint: {
        vi: `Trục này chưa có kết nối cho ${labels(without, 'vi')}; văn bản đi theo kênh còn lại của quy tắc.`,
        en: `This gateway has no connector for ${labels(without, 'en')}; documents go by the rule's other channels.`,
      },
    }),
  ]
}

const labels = (channels: readonly ChannelId[], language: 'vi' | 'en'): string =>
  channels.map((channel) => CHANNELS[channel].label[language]).join(', ')
