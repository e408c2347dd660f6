import type { Bilingual } from './bilingual.ts'

interface LimitRow {
  readonly least: number
  readonly most: number
  readonly label: Bilingual
}

/** What one agency may use of the gateway. The share is a weight: who has twice as much goes twice as often. */
export const AGENCY_LIMITS = {
  requestsPerMinute: {
    least: 1,
    most: 1_000_000,
    label: { vi: 'yêu cầu trong một phút', en: 'requests in one minute' },
  },
  concurrentSubmissions: {
    least: 1,
    most: 1_000,
    label: { vi: 'gói tin đang gửi cùng lúc', en: 'submissions under way at once in one process' },
  },
  packetBytes: { least: 1, most: 2 ** 40, label: { vi: 'byte của một gói tin', en: 'bytes of one packet' } },
  storedBytes: {
    least: 0,
    most: Number.MAX_SAFE_INTEGER,
    label: { vi: 'byte đã gửi và lưu tại trục; 0: không giới hạn', en: 'bytes sent and kept; 0: no quota' },
  },
  share: { least: 1, most: 100, label: { vi: 'phần chia khi quá tải', en: 'share where all want more' } },
} as const satisfies Record<string, LimitRow>

/**
 * Places beside `concurrentSubmissions`: uploads over a slow line may take a quarter of an hour, in which their agency must
 * still be able to take a document back. That a document is urgent anybody may say, and gets two places for it; nobody can
 * say that it is a notice (a status or a recall by the API), and therefore urgent documents cannot take the last two places
 * from notices.
 */
export const PLACES_BESIDE = { urgent: 2, notice: 4 }

export type LimitName = keyof typeof AGENCY_LIMITS

export const LIMIT_NAMES = Object.keys(AGENCY_LIMITS) as LimitName[]

export type AgencyLimits = Readonly<Record<LimitName, number>>

/** What operators set for one agency; null: as for all. */
export type OwnLimits = Readonly<Record<LimitName, number | null>>

/** Which limit a request met, whose it is, and how much of it is left: a member of the problem document. */
export interface LimitReached {
  readonly name: LimitName
  readonly agency: string
  readonly quota: number
  readonly remaining: number
}

/** Own values over those of all. A packet is never larger than the gateway takes from anybody. */
export function limitsOf(defaults: AgencyLimits, own: OwnLimits | undefined): AgencyLimits {
  if (own === undefined) return defaults
  return {
    requestsPerMinute: own.requestsPerMinute ?? defaults.requestsPerMinute,
    concurrentSubmissions: own.concurrentSubmissions ?? defaults.concurrentSubmissions,
    packetBytes: Math.min(own.packetBytes ?? defaults.packetBytes, defaults.packetBytes),
    storedBytes: own.storedBytes ?? defaults.storedBytes,
    share: own.share ?? defaults.share,
  }
}
