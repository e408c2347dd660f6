import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { databaseError } from '../db/errors.ts'
import type { LimitReached } from '../domain/agency-limit.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError, PROBLEMS, type ProblemCode } from '../domain/problem.ts'
import { schemaFaults } from '../domain/schema-fault.ts'
import { UUID_PATTERN } from './schemas/common.ts'

/** An RFC 9457 problem document. `title`, `detail` and `advice` stand in the language that the caller prefers. */
export interface ProblemDocument {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly advice: string
  readonly code: ProblemCode
  readonly retryable: boolean
  readonly traceId: string
  readonly errors?: readonly Fault[]
  readonly limit?: LimitReached
  /** The same texts in both languages. */
  readonly texts: Record<keyof Bilingual, { title: string; detail?: string; advice: string }>
}

/** `en` where the caller asks for English before Vietnamese; `vi` otherwise. */
export function preferredLanguage(acceptLanguage: string | undefined): keyof Bilingual {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', quality] = part.trim().split(/;\s*q=/)
      return { language: tag.slice(0, 2).toLowerCase(), quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ language }) => language === 'vi' || language === 'en')
    .sort((a, b) => b.quality - a.quality)
  return wanted[0]?.language === 'en' ? 'en' : 'vi'
}

export function problemDocument(
  error: GatewayError,
  traceId: string,
  language: keyof Bilingual,
): ProblemDocument {
  const row = PROBLEMS[error.code]
  const texts = (of: keyof Bilingual) => ({
    title: row.title[of],
    ...(error.detail === undefined ? {} : { detail: error.detail[of] }),
    advice: row.advice[of],
  })
  return {
    type: `/problems/${error.code}`,
    status: row.status,
    ...texts(language),
    code: error.code,
    retryable: row.retryable,
    traceId,
    ...(error.faults.length === 0 ? {} : { errors: error.faults }),
    ...(error.limit === undefined ? {} : { limit: error.limit }),
    texts: { vi: texts('vi'), en: texts('en') },
  }
}

/** What Fastify and its plugins throw, as problems of ours. */
const FRAMEWORK_ERRORS: Record<string, ProblemCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type-unsupported',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request-malformed',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request-malformed',
  FST_ERR_CTP_INVALID_JSON_BODY: 'request-malformed',
  FST_REQ_FILE_TOO_LARGE: 'payload-too-large',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'media-type-unsupported',
}

/** What was wrong, in words of ours: the framework has none in Vietnamese. */
const FRAMEWORK_DETAILS: Record<string, Bilingual> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    vi: 'Thiếu Content-Type, hoặc thao tác này không nhận kiểu nội dung đó.',
    en: 'Content-Type is missing, or names a type that this operation does not take.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: {
    vi: 'Nội dung lớn hơn giới hạn của thao tác này.',
    en: 'The body is larger than this operation takes.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: {
    vi: 'Content-Type là application/json nhưng nội dung trống; nếu không gửi gì thì bỏ tiêu đề này.',
    en: 'Content-Type is application/json, but the body is empty; leave the header out where nothing is sent.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    vi: 'Nội dung dài khác với Content-Length.',
    en: 'The body has another length than Content-Length says.',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: {
    vi: 'Nội dung không phải là JSON đúng cú pháp.',
    en: 'The body is no well-formed JSON.',
  },
}

const BY_STATUS: Record<number, ProblemCode> = {
  400: 'request-malformed',
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'payload-too-large',
  415: 'media-type-unsupported',
  422: 'request-invalid',
  429: 'rate-limited',
}

/** Any error as a `GatewayError`; what is not known becomes `internal-error`, whose cause goes to the log alone. */
export function toGatewayError(thrown: unknown): GatewayError {
  const error = databaseError(thrown)
  if (error instanceof GatewayError) return error
  if (!(error instanceof Error)) return new GatewayError('internal-error', { cause: error })
  const framework = error as Partial<FastifyError>
  if (framework.validation !== undefined) return invalidRequest(framework as FastifyError)
  const code = FRAMEWORK_ERRORS[framework.code ?? ''] ?? BY_STATUS[framework.statusCode ?? 0]
  if (code === undefined) return new GatewayError('internal-error', { cause: error })
  const ours = FRAMEWORK_DETAILS[framework.code ?? '']
  const detail = ours ?? { vi: PROBLEMS[code].title.vi, en: error.message }
  const faults = ours !== undefined && code === 'request-malformed' ? [malformed(ours)] : []
  return new GatewayError(code, { cause: error, detail, faults })
}

const malformed = (hint: Bilingual): Fault => ({
  code: 'body-malformed',
  severity: 'error',
  path: '#/body',
  hint,
})

const invalidRequest = ({ validation, validationContext = 'body' }: FastifyError): GatewayError =>
  new GatewayError('request-invalid', {
    faults: schemaFaults(validation ?? [], `#/${validationContext}`).map(toldClearly),
  })

/** What people get wrong at first, by its path or by the pattern that it does not match. */
const CLEARER: Record<string, Bilingual> = {
  '#/headers/if-match': {
    vi: 'Gửi If-Match với ETag của câu trả lời đã đọc, gồm cả dấu ngoặc kép, ví dụ "3".',
    en: 'Send If-Match with the ETag of the answer that was read, its quotes included, such as "3".',
  },
  [UUID_PATTERN]: { vi: 'Phải là một UUID viết thường.', en: 'It is a UUID in lower case.' },
}

const toldClearly = (fault: Fault): Fault => {
  const hint = CLEARER[fault.path ?? ''] ?? CLEARER[fault.expected ?? '']
  return hint === undefined ? fault : { ...fault, hint }
}

/** WWW-Authenticate where a token is what is wrong (RFC 6750 §3: no error code where there was none). */
const CHALLENGES: Partial<Record<ProblemCode, string>> = {
  'token-missing': 'Bearer',
  'token-invalid': 'Bearer error="invalid_token"',
  'certificate-mismatch': 'Bearer error="invalid_token"',
  'scope-insufficient': 'Bearer error="insufficient_scope"',
}

/** What is refused on purpose is no failure of ours. */
const EXPECTED: ReadonlySet<ProblemCode> = new Set(['overloaded', 'storage-quota-exceeded', 'shutting-down'])

/** The one error handler of every door: logs what is ours, tells the caller what is his. */
export function replyWithProblem(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = toGatewayError(thrown)
  const { status } = PROBLEMS[error.code]
  if (status >= 500 && !EXPECTED.has(error.code))
    request.log.error({ err: error.cause ?? error, code: error.code }, 'request failed')
  else
    request.log.info({ code: error.code, faults: error.faults.map((fault) => fault.code) }, 'request refused')
  const language = preferredLanguage(request.headers['accept-language'])
  if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter))
  const challenge = CHALLENGES[error.code]
  if (challenge !== undefined) reply.header('www-authenticate', challenge)
  // What is left of a refused upload is not read: the connection cannot be used again.
  if (!request.raw.complete) reply.header('connection', 'close')
  return reply
    .status(status)
    .header('content-language', language)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problemDocument(error, request.id, language)))
}
