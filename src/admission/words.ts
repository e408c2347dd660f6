import { GatewayError } from '../domain/problem.ts'
import type { RateAnswer } from './token-leases.ts'

/** What those are told who may not go on. Each refusal names the limit, whose it is, and what is left of it. */
export const tooOften = (agency: string, quota: number, { seconds }: RateAnswer): GatewayError =>
  new GatewayError('rate-limited', {
    retryAfter: seconds,
    limit: { name: 'requestsPerMinute', agency, quota, remaining: 0 },
    detail: {
      vi: `Một cơ quan gửi nhiều nhất ${quota} yêu cầu trong một phút; hết lượt của ${agency}.`,
      en: `One agency makes at most ${quota} requests in one minute; those of ${agency} are used up.`,
    },
  })

export const noPlace = (agency: string, quota: number): GatewayError =>
  new GatewayError('rate-limited', {
    retryAfter: 1,
    limit: { name: 'concurrentSubmissions', agency, quota, remaining: 0 },
    detail: {
      vi: `Một cơ quan gửi cùng lúc nhiều nhất ${quota} gói tin; ${agency} đang gửi chừng ấy.`,
      en: `One agency sends at most ${quota} packets at once; ${agency} has so many under way.`,
    },
  })

export const overQuota = (agency: string, quota: number, left: number): GatewayError =>
  new GatewayError('storage-quota-exceeded', {
    limit: { name: 'storedBytes', agency, quota, remaining: Math.max(0, left) },
    detail: {
      vi: `${agency} được lưu ${quota} byte; còn ${Math.max(0, left)} byte.`,
      en: `${agency} may keep ${quota} bytes; ${Math.max(0, left)} are left.`,
    },
  })

const OVERLOADED = new Map<number, GatewayError>()

/** One for each number of seconds: it is told thousands of times, and its stack, which nobody reads, would cost most of that. */
export function overloaded(retryAfter: number): GatewayError {
  const known = OVERLOADED.get(retryAfter)
  if (known !== undefined) return known
  const error = new GatewayError('overloaded', { retryAfter })
  OVERLOADED.set(retryAfter, error)
  return error
}
