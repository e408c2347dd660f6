import { randomBytes } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { claimedSystemId, type SignatureFault, verifySignedHeaders } from '../../axis/signed-headers.ts'
import { isFresh, readAxisTimestamp } from '../../axis/timestamp.ts'
import { servedCodes } from '../../directory/axis-systems-served.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import { GatewayError } from '../../domain/problem.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import { inNetworks } from '../../network/networks.ts'
import { clientCertificate } from '../auth/client-certificate.ts'
import type { Asking, AxisSurroundings } from './asking.ts'

/**
 * Tried where there is no such system, so that the time of an answer does not tell which systems there are. Nobody knows
 * it: a system of which no secret is in force must not be let in by one that stands in the source.
 */
const NOBODYS_SECRET = [randomBytes(32).toString('hex')]

/**
 * Who asks: the HMAC over the sign-header as it was received, each header that it names, the time, the network and the
 * certificate. Requests that are the same byte for byte are no attack: long-lived clients poll so.
 * @throws GatewayError `client-invalid`, `certificate-mismatch`, `database-unavailable`
 */
export async function authenticate(
  request: FastifyRequest,
  { context, findSystem, now }: AxisSurroundings,
): Promise<Asking> {
  const raw = request.raw.rawHeaders
  const systemId = claimedSystemId(raw)
  if (systemId !== undefined) request.claimant = { clientId: systemId, isProven: false }
  const found = systemId === undefined ? undefined : await findSystem(systemId)
  const verified = verifySignedHeaders(raw, found?.secrets.length ? found.secrets : NOBODYS_SECRET)
  if (!verified.ok) throw refused(faultOf(verified.fault, raw), verified.header)
  if (found === undefined || found.secrets.length === 0) throw refused(FAULTS['hash-differs'], 'systemid')
  request.claimant = { clientId: found.system.systemId, isProven: true }
  refuseWrongTime(verified.headers.timestamp, now(), found.system.clockToleranceSeconds)
  const { networks } = found.system
  if (networks.length > 0 && !inNetworks(networks, request.ip)) throw refused(NOT_FROM_THERE, request.ip)
  const wanted = found.system.certificateSha256
  if (wanted !== null && clientCertificate(request) !== wanted) throw new GatewayError('certificate-mismatch')
  request.caller = found.caller
  const { directory } = context.registry.current()
  const day = vietnamDay(now())
  const served = servedCodes(directory, found.system, day)
  return { request, known: found, signed: verified.headers, directory, day, served }
}

function refuseWrongTime(timestamp: string, now: Date, toleranceSeconds: number): void {
  const time = readAxisTimestamp(timestamp)
  if (time === undefined) throw refused(TIME_MALFORMED, timestamp)
  if (!isFresh(time, now, toleranceSeconds)) throw refused(tooOld(toleranceSeconds), timestamp)
}

const refused = ({ vi, en }: Bilingual, found: string): GatewayError =>
  new GatewayError('client-invalid', { detail: { vi: `${vi} (${found})`, en: `${en} (${found})` } })

/**
 * The vendor's client signs a value with diacritics as it is, and sends question marks: its hash can fit nothing that
 * arrives. Somebody who looks for a wrong secret would look for long.
 */
const faultOf = (fault: SignatureFault, raw: readonly string[]): Bilingual =>
  fault === 'hash-differs' && signedText(raw).includes('?') ? MAYBE_SPOILT : FAULTS[fault]

const signedText = (raw: readonly string[]): string =>
  raw.find((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === 'xroadvnpt-sign-header') ?? ''

const MAYBE_SPOILT: Bilingual = {
  vi: 'hash-header không khớp sign-header: sai systemid hoặc secret, hoặc có giá trị chứa dấu tiếng Việt (như thư mục lưu tệp, filePath) mà thư viện khách gửi thành dấu hỏi; hãy dùng giá trị không dấu.',
  en: 'hash-header does not fit sign-header: wrong systemid or secret, or a value with diacritics (such as the folder, filePath), which the client library sends as question marks; use one without.',
}

const FAULTS: Record<SignatureFault, Bilingual> = {
  'header-missing': { vi: 'Thiếu tiêu đề bắt buộc.', en: 'A header is missing.' },
  'header-repeated': { vi: 'Tiêu đề có hai lần.', en: 'A header stands there twice.' },
  'hash-differs': {
    vi: 'Sai systemid hoặc secret: hash-header không khớp sign-header.',
    en: 'Wrong systemid or secret: hash-header does not fit sign-header.',
  },
  'sign-header-malformed': { vi: 'sign-header không đọc được.', en: 'The sign-header cannot be read.' },
  'names-differ': {
    vi: 'sign-header-key và sign-header không nêu cùng các tiêu đề.',
    en: 'sign-header-key and sign-header do not name the same headers.',
  },
  'value-differs': {
    vi: 'Tiêu đề khác với giá trị đã ký.',
    en: 'A header differs from what was signed.',
  },
}

const TIME_MALFORMED: Bilingual = {
  vi: "timestamp không đúng dạng ddMMyyyy'T'HHmmss+SSSS.",
  en: "The timestamp is not ddMMyyyy'T'HHmmss+SSSS.",
}

const NOT_FROM_THERE: Bilingual = {
  vi: 'Hệ thống này không được gọi từ địa chỉ này.',
  en: 'This system may not call from this address.',
}

const tooOld = (seconds: number): Bilingual => ({
  vi: `timestamp lệch quá ${seconds} giây so với đồng hồ của trục; khởi động lại hệ thống gọi hoặc chỉnh đồng hồ.`,
  en: `The timestamp is more than ${seconds} seconds from the gateway's clock; restart the caller or set its clock.`,
})
