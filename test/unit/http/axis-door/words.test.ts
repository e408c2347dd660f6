import t from 'tap'
import { AXIS_ERROR_CODES } from '../../../../src/axis/error-codes.ts'
import { GatewayError, type ProblemCode } from '../../../../src/domain/problem.ts'
import { failure } from '../../../../src/http/axis-door/answer.ts'

const CODES = Object.keys(AXIS_ERROR_CODES) as ProblemCode[]
/** Of doors that this one is not: tokens, pages, spreadsheets, packets that are made here, the command line. */
const OF_OTHER_DOORS: readonly ProblemCode[] = [
  'token-missing',
  'token-invalid',
  'cursor-invalid',
  'sheet-invalid',
  'media-type-unsupported',
  'agency-key-missing',
  'agency-key-name-differs',
  'pdf-unsealable',
  'idempotency-key-reused',
  'delegation-missing',
  'backup-damaged',
  'restore-refused',
]
const textOf = (code: ProblemCode): string =>
  JSON.parse(failure('updateStatus', new GatewayError(code))).ErrorDesc

t.test('nothing is told that clients of this interface do not have', async (t) => {
  for (const code of CODES.filter((one) => !OF_OTHER_DOORS.includes(one)))
    t.notMatch(textOf(code), /\berrors\b|client_id|truy cập|access token|OpenAPI|delegation/, code)
})

t.test('each failure ends with its code, in both languages', async (t) => {
  for (const code of CODES)
    t.match(textOf(code), new RegExp(`\\S.*\\[${code}\\] / \\S.*\\[${code}\\]$`), code)
})

t.test('a certificate that is not shown is told as such, and where to look', async (t) => {
  t.match(textOf('certificate-mismatch'), /TRAM_AXIS_TLS_CLIENT_CA.*does not show the certificate/)
})
