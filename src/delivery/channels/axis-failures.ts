import type { AxisFailure, AxisFailureKind } from '../../axis/client-types.ts'
import type { AxisRefusal } from '../../axis/error-codes.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import { isBlocked } from '../reach.ts'
import type { ChannelFailure, SendResult } from './channel.ts'

/** What a refusal means for those for whom the packet was handed in. */
interface RefusalRow {
  /**
   * - refused: the same packet is never taken;
   * - recipient: one of the recipients stands in the way of the others;
   * - blocked: nothing of ours is taken until somebody mends it;
   * - retry: it may be taken later.
   */
  readonly means: 'refused' | 'recipient' | 'blocked' | 'retry'
  /** Whether it proves that the packet was not taken. */
  readonly notTaken: boolean
  readonly code: string
  readonly label: Bilingual
}

/** By `ErrorCode`; the meanings are those of the provincial interface (HuongDanKetNoiLienThongVB v2.2). */
const REFUSALS: Record<AxisRefusal, RefusalRow> = {
  '10': {
    means: 'refused',
    notTaken: true,
    code: 'axis-file-invalid',
    label: { vi: 'tệp không hợp lệ', en: 'the file is no good' },
  },
  '15': {
    means: 'blocked',
    notTaken: true,
    code: 'axis-credentials-refused',
    label: { vi: 'sai mã hệ thống hoặc khóa bí mật', en: 'wrong system or secret' },
  },
  '18': {
    means: 'recipient',
    notTaken: true,
    code: 'axis-recipient-unknown',
    label: { vi: 'đơn vị nhận không tồn tại', en: 'no such recipient' },
  },
  // A directory is brought up to date sooner or later.
  '19': {
    means: 'retry',
    notTaken: true,
    code: 'axis-sender-unregistered',
    label: { vi: 'đơn vị gửi chưa đăng ký', en: 'the sender is not registered' },
  },
  // Its answer may have been lost after it had taken the packet.
  '20': {
    means: 'retry',
    notTaken: false,
    code: 'axis-system-error',
    label: { vi: 'lỗi hệ thống', en: 'a fault of the system' },
  },
  '21': {
    means: 'refused',
    notTaken: true,
    code: 'axis-file-unprocessable',
    label: { vi: 'lỗi xử lý tệp', en: 'the file could not be processed' },
  },
  '22': {
    means: 'refused',
    notTaken: true,
    code: 'axis-not-edxml',
    label: { vi: 'sai định dạng edXML', en: 'not edXML' },
  },
  '23': {
    means: 'recipient',
    notTaken: true,
    code: 'axis-recipient-locked',
    label: { vi: 'đơn vị nhận bị khóa', en: 'the recipient is locked' },
  },
}

const UNKNOWN: RefusalRow = {
  means: 'retry',
  notTaken: false,
  code: 'axis-refused',
  label: { vi: 'lỗi không rõ', en: 'a fault that it does not name' },
}

/** What else may come of asking. */
const OTHERWISE: Record<Exclude<AxisFailureKind, 'refused'>, { code: string; label: Bilingual }> = {
  unreachable: { code: 'axis-unreachable', label: { vi: 'không kết nối được', en: 'it cannot be reached' } },
  timeout: { code: 'axis-timeout', label: { vi: 'không trả lời trong thời hạn', en: 'no answer in time' } },
  aborted: {
    code: 'interrupted',
    label: { vi: 'trục đã ngắt lần chuyển này', en: 'the gateway broke this attempt off' },
  },
  http: { code: 'axis-http-status', label: { vi: 'trả lời HTTP lỗi', en: 'an HTTP error' } },
  'not-json': {
    code: 'axis-not-json',
    label: { vi: 'trả lời không phải JSON', en: 'an answer that is no JSON' },
  },
  'answer-invalid': {
    code: 'axis-answer-invalid',
    label: { vi: 'trả lời không hợp lệ', en: 'an answer that makes no sense' },
  },
}

/** Header lists or bodies that are too long for a proxy: no matter what is in them, they do not get through. */
const TOO_LARGE: readonly (number | undefined)[] = [413, 431]

/** What a failure means for a packet, and whether it could go for fewer recipients at once. */
export interface FailedSend {
  readonly result: SendResult
  /** Whether a part of the recipients may be taken where all together are not. */
  readonly isForSome: boolean
}

/**
 * What a failure of sendEdoc means for the deliveries.
 * @param name of the connector
 */
export function failedSend(name: string, failure: AxisFailure): FailedSend {
  return failure.kind === 'refused' ? refused(name, failure) : otherwise(name, failure.kind, failure)
}

function refused(name: string, failure: AxisFailure): FailedSend {
  const row = isRefusal(failure.code) ? REFUSALS[failure.code] : UNKNOWN
  const told = explained(name, row, failure)
  const taken = row.notTaken && ({ notTaken: true } as const)
  if (row.means === 'refused' || row.means === 'recipient')
    return { result: { outcome: 'refused', failure: told, ...taken }, isForSome: row.means === 'recipient' }
  const blocked = row.means === 'blocked' && ({ blocked: true } as const)
  return { result: { outcome: 'retry', failure: told, ...taken, ...blocked }, isForSome: false }
}

const isRefusal = (code: string): code is AxisRefusal => Object.hasOwn(REFUSALS, code)

function otherwise(name: string, kind: keyof typeof OTHERWISE, failure: AxisFailure): FailedSend {
  const told = explained(name, OTHERWISE[kind], failure)
  if (kind === 'http' && TOO_LARGE.includes(failure.httpStatus))
    return { result: { outcome: 'refused', failure: told, notTaken: true }, isForSome: true }
  const taken = !failure.mayHaveLeft && ({ notTaken: true } as const)
  const blocked = isBlocked(failure) && ({ blocked: true } as const)
  return { result: { outcome: 'retry', failure: told, ...taken, ...blocked }, isForSome: false }
}

/** Told to the sender with the other side's own words. */
function explained(
  name: string,
  { code, label }: { readonly code: string; readonly label: Bilingual },
  failure: AxisFailure,
): ChannelFailure {
  const said = failure.detail === '' ? '' : `: ${failure.detail}`
  return {
    code,
    explanation: {
      vi: `Trục ${name}: ${label.vi}${said}`,
      en: `The exchange ${name}: ${label.en}${said}`,
    },
    detail: {
      connector: name,
      ...(failure.code !== '' && { errorCode: failure.code }),
      ...(failure.httpStatus !== undefined && { status: failure.httpStatus }),
    },
  }
}

/** Of an exchange that could not be reached a moment ago: nothing is sent. */
export const resting = (name: string, seconds: number): SendResult => ({
  outcome: 'retry',
  blocked: true,
  notTaken: true,
  retryAfter: seconds,
  failure: explained(name, OTHERWISE.unreachable, {
    kind: 'unreachable',
    code: '',
    detail: '',
    mayHaveLeft: false,
  }),
})

/** The gateway itself cannot get at what is to be sent: nothing left. */
export const unprepared = (name: string, error: unknown): SendResult => ({
  outcome: 'retry',
  blocked: true,
  notTaken: true,
  failure: {
    code: 'packet-unreadable',
    explanation: {
      vi: 'Trục chưa đọc được gói tin để chuyển',
      en: 'The gateway could not read the packet that is to be sent',
    },
    detail: { connector: name, error: error instanceof Error ? error.message : String(error) },
  },
})
