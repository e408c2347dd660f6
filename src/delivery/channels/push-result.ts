import { AddressForbidden } from '../../network/address-policy.ts'
import type { ChannelFailure, SendResult } from './channel.ts'

/**
 * What an answer means. Redirects are not followed (Standard Webhooks, "Responding to webhooks"): they are failures.
 * @param retryAfter the header as it came: seconds, or a date (RFC 9110 §10.2.3)
 */
export function answered(status: number, retryAfter: string | string[] | undefined, now: Date): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'available', detail: { status } }
  const explained = failure(
    'http-status',
    [`Bên nhận trả lời HTTP ${status}`, `The recipient answered HTTP ${status}`],
    { status },
  )
  // 410 is how a receiver says that it wants no more (Standard Webhooks, "Responding to webhooks").
  if (status === 410) return { outcome: 'refused', failure: explained }
  const seconds = secondsUntil(String(retryAfter), now)
  return { outcome: 'retry', failure: explained, ...(seconds > 0 && { retryAfter: seconds }) }
}

function secondsUntil(retryAfter: string, now: Date): number {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter)
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? 0 : Math.ceil((date - now.getTime()) / 1000)
}

const TIMEOUTS = ['TimeoutError', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT']

/** What it means that there was no answer. `interrupted`: the gateway itself broke off. */
export function unanswered(error: unknown, interrupted: boolean): SendResult {
  if (interrupted) return { outcome: 'retry', failure: interruption() }
  const root = rootOf(error)
  if (root instanceof AddressForbidden) return { outcome: 'refused', failure: addressForbidden() }
  const code = root instanceof Error ? codeOf(root) : 'unknown'
  if (TIMEOUTS.includes(code)) {
    return {
      outcome: 'retry',
      failure: failure('timeout', [
        'Bên nhận không trả lời trong thời hạn',
        'The recipient did not answer in time',
      ]),
    }
  }
  return {
    outcome: 'retry',
    failure: failure(
      'connection',
      [`Không kết nối được tới bên nhận (${code})`, `The recipient could not be reached (${code})`],
      { code },
    ),
  }
}

const rootOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name

export const addressForbidden = (): ChannelFailure =>
  failure('address-forbidden', [
    'Địa chỉ nhận tin nằm ngoài các mạng được phép',
    'The endpoint lies outside the permitted networks',
  ])

const interruption = (): ChannelFailure =>
  failure('interrupted', ['Trục đã ngắt lần chuyển này', 'The gateway broke this attempt off'])

export const failure = (
  code: string,
  [vi, en]: [string, string],
  detail?: Record<string, unknown>,
): ChannelFailure => ({ code, explanation: { vi, en }, ...(detail && { detail }) })
