import type { Bilingual } from '../../domain/bilingual.ts'
import type { SubIndication } from '../../domain/indication.ts'
import type { CheckId } from '../checks.ts'

/** What a policy makes of a check that does not pass. */
export const LEVELS = ['ignore', 'warn', 'fail'] as const
export type Level = (typeof LEVELS)[number]

export interface PolicyCheckRow extends Bilingual {
  /** The check of the report under which it is told. */
  readonly check: CheckId
  /** Where no policy says otherwise. */
  readonly standard: Level
  /** The mildest that a policy may choose: trust has a floor that no file lowers. */
  readonly least: Level
  /** What the signature is then, where the level is `fail` (ETSI EN 319 102-1 §5.1.3). */
  readonly sub: SubIndication
}

const row = (
  check: CheckId,
  [standard, least]: readonly [Level, Level],
  sub: SubIndication,
  [vi, en]: readonly [string, string],
): PolicyCheckRow => ({ check, standard, least, sub, vi, en })

/** Everything that a policy decides on. A key in a policy file that is not here is refused. */
export const POLICY_CHECKS = {
  'coverage-part': row('whole-document', ['fail', 'warn'], 'SIG_CONSTRAINTS_FAILURE', [
    'chữ ký không bao phủ toàn bộ tài liệu',
    'the signature does not cover the whole document',
  ]),
  'doc-mdp': row('doc-mdp', ['fail', 'warn'], 'SIG_CONSTRAINTS_FAILURE', [
    'tệp có thay đổi mà chữ ký chứng nhận không cho phép',
    'the file was changed in a way that its certification does not permit',
  ]),
  'signing-certificate-missing': row('signing-certificate', ['ignore', 'ignore'], 'SIG_CONSTRAINTS_FAILURE', [
    'chứng thư của người ký không được ký kèm',
    "the signer's certificate is not among what was signed",
  ]),
  'digest-md5': row('algorithm-strength', ['fail', 'warn'], 'CRYPTO_CONSTRAINTS_FAILURE', [
    'dùng hàm băm MD5, đã bị phá',
    'MD5 is used, which is broken',
  ]),
  'digest-sha1': row('algorithm-strength', ['fail', 'warn'], 'CRYPTO_CONSTRAINTS_FAILURE', [
    'dùng hàm băm SHA-1, không còn an toàn',
    'SHA-1 is used, which is no longer safe',
  ]),
  'key-strength': row('algorithm-strength', ['fail', 'warn'], 'CRYPTO_CONSTRAINTS_FAILURE', [
    'khóa quá ngắn (RSA dưới 2048 bit, đường cong dưới 256 bit)',
    'the key is too short (RSA below 2048 bits, curves below 256)',
  ]),
  'algorithm-strength': row('algorithm-strength', ['fail', 'warn'], 'CRYPTO_CONSTRAINTS_FAILURE', [
    'một thuật toán của chữ ký quá yếu',
    'an algorithm of the signature is too weak',
  ]),
  'certificate-strength': row('algorithm-strength', ['fail', 'warn'], 'CRYPTO_CONSTRAINTS_FAILURE', [
    'thuật toán hoặc khóa của một chứng thư trong chuỗi quá yếu',
    'an algorithm or a key of a certificate in the chain is too weak',
  ]),
  chain: row('chain', ['fail', 'fail'], 'NO_CERTIFICATE_CHAIN_FOUND', [
    'chứng thư không dẫn tới gốc tin cậy nào',
    'the certificate leads to no trust anchor',
  ]),
  'chain-fault': row('chain', ['fail', 'fail'], 'CERTIFICATE_CHAIN_GENERAL_FAILURE', [
    'chuỗi chứng thư có lỗi',
    'the certificate chain is at fault',
  ]),
  'certificate-policy': row('certificate-policy', ['fail', 'warn'], 'CHAIN_CONSTRAINTS_FAILURE', [
    'chuỗi chứng thư không theo chính sách chứng thư yêu cầu',
    'the chain is not valid for the certificate policies asked for',
  ]),
  'key-usage': row('key-usage', ['fail', 'warn'], 'CHAIN_CONSTRAINTS_FAILURE', [
    'chứng thư không được cấp cho mục đích này',
    'a certificate is not meant for this use',
  ]),
  'expired-at-proof': row('validity-period', ['fail', 'warn'], 'OUT_OF_BOUNDS_NO_POE', [
    'chứng thư ngoài thời hạn hiệu lực vào thời điểm được chứng minh',
    'a certificate is outside its validity period at the proven time',
  ]),
  revoked: row('revocation', ['fail', 'fail'], 'REVOKED_NO_POE', [
    'chứng thư đã bị thu hồi',
    'a certificate is revoked',
  ]),
  'revocation-unknown': row('revocation', ['fail', 'ignore'], 'TRY_LATER', [
    'đã hỏi nhưng chưa biết chứng thư có bị thu hồi không',
    'whether a certificate is revoked was asked and is not known',
  ]),
  'revocation-not-checked': row('revocation', ['warn', 'ignore'], 'TRY_LATER', [
    'chưa kiểm tra thu hồi: không có CRL, OCSP dùng được và không có nơi nào để hỏi',
    'revocation was not checked: no CRL or OCSP at hand tells of it, and there is nobody to ask',
  ]),
  'timestamp-missing': row('timestamp', ['warn', 'ignore'], 'NO_POE', [
    'không có dấu thời gian; thời điểm ký do người ký tự khai',
    'there is no timestamp; the signing time is what the signer claims',
  ]),
  'timestamp-invalid': row('timestamp', ['warn', 'ignore'], 'SIG_CONSTRAINTS_FAILURE', [
    'một dấu thời gian không khớp nên không được tính',
    'a timestamp does not fit, and does not count',
  ]),
  'timestamp-untrusted': row('timestamp', ['warn', 'ignore'], 'NO_POE', [
    'một dấu thời gian không đáng tin cậy nên không được tính',
    'a timestamp is not trusted, and does not count',
  ]),
  'timestamp-expired': row('timestamp', ['fail', 'ignore'], 'NO_POE', [
    'chứng thư của nơi cấp dấu thời gian đã hết hạn, chỉ còn hiệu lực vào thời điểm đóng dấu',
    'the certificate of a timestamp has expired; it was valid when the stamp was made',
  ]),
  'timestamp-order': row('timestamp', ['fail', 'warn'], 'TIMESTAMP_ORDER_FAILURE', [
    'thứ tự các dấu thời gian không hợp lý',
    'the timestamps are not in their order',
  ]),
  'signing-time': row('signing-time', ['warn', 'ignore'], 'SIG_CONSTRAINTS_FAILURE', [
    'thời điểm ký tự khai không hợp lý',
    'the signing time that is claimed cannot be right',
  ]),
} as const satisfies Record<string, PolicyCheckRow>

export type PolicyCheckId = keyof typeof POLICY_CHECKS
export const POLICY_CHECK_IDS = Object.keys(POLICY_CHECKS) as PolicyCheckId[]

/** A level for every check. */
export interface ValidationPolicy {
  readonly id: string
  readonly levels: Readonly<Record<PolicyCheckId, Level>>
}

const standardLevels = Object.fromEntries(
  POLICY_CHECK_IDS.map((id) => [id, POLICY_CHECKS[id].standard]),
) as Record<PolicyCheckId, Level>

/** What holds where no policy is given. */
export const STANDARD_POLICY: ValidationPolicy = { id: 'standard', levels: standardLevels }
