import type { Bilingual } from './bilingual.ts'

/** The outcome of validating one signature (ETSI EN 319 102-1 §5.1.3). */
export type Indication = 'TOTAL_PASSED' | 'TOTAL_FAILED' | 'INDETERMINATE'

export const INDICATIONS: Record<Indication, Bilingual> = {
  TOTAL_PASSED: { vi: 'chữ ký hợp lệ', en: 'the signature is valid' },
  TOTAL_FAILED: { vi: 'chữ ký không hợp lệ', en: 'the signature is not valid' },
  INDETERMINATE: {
    vi: 'chưa đủ căn cứ để kết luận chữ ký hợp lệ hay không',
    en: 'what is at hand does not tell whether the signature is valid',
  },
}

interface SubIndicationRow extends Bilingual {
  readonly of: Exclude<Indication, 'TOTAL_PASSED'>
}

const failed = (vi: string, en: string) => ({ of: 'TOTAL_FAILED', vi, en }) as const
const open = (vi: string, en: string) => ({ of: 'INDETERMINATE', vi, en }) as const

/** Sub-indications of ETSI EN 319 102-1 §5.1.3, tables 5 and 6, each with the indication that it belongs to. */
export const SUB_INDICATIONS = {
  FORMAT_FAILURE: failed('cấu trúc chữ ký sai chuẩn', 'the signature does not follow its format'),
  HASH_FAILURE: failed('nội dung không khớp giá trị băm đã ký', 'signed content does not have its digest'),
  SIG_CRYPTO_FAILURE: failed('giá trị chữ ký không khớp khóa', 'the signature value does not fit the key'),
  REVOKED: failed('đã ký sau khi chứng thư bị thu hồi', 'signed after the certificate was revoked'),
  EXPIRED: failed('đã ký sau khi chứng thư hết hạn', 'signed after the certificate had expired'),
  NOT_YET_VALID: failed(
    'đã ký trước khi chứng thư có hiệu lực',
    'signed before the certificate became valid',
  ),
  SIG_CONSTRAINTS_FAILURE: open(
    'chữ ký không đạt yêu cầu của chính sách',
    'the signature does not meet the policy',
  ),
  CHAIN_CONSTRAINTS_FAILURE: open(
    'chuỗi chứng thư không đạt yêu cầu của chính sách',
    'the certificate chain does not meet the policy',
  ),
  CERTIFICATE_CHAIN_GENERAL_FAILURE: open(
    'chuỗi chứng thư có lỗi',
    'the certificate chain could not be validated',
  ),
  CRYPTO_CONSTRAINTS_FAILURE: open('thuật toán hoặc khóa quá yếu', 'an algorithm or a key is too weak'),
  CRYPTO_CONSTRAINTS_FAILURE_NO_POE: open(
    'thuật toán quá yếu và không có bằng chứng đã ký khi còn đủ mạnh',
    'an algorithm is too weak, and nothing proves that it was used while it was strong',
  ),
  POLICY_PROCESSING_ERROR: open('không xử lý được chính sách', 'the policy could not be processed'),
  SIGNATURE_POLICY_NOT_AVAILABLE: open('không có chính sách chữ ký', 'the signature policy is not at hand'),
  TIMESTAMP_ORDER_FAILURE: open(
    'thứ tự các dấu thời gian không hợp lý',
    'the timestamps are not in their order',
  ),
  NO_SIGNING_CERTIFICATE_FOUND: open(
    'không xác định được chứng thư của người ký',
    "the signer's certificate cannot be identified",
  ),
  NO_CERTIFICATE_CHAIN_FOUND: open(
    'chứng thư không dẫn tới gốc tin cậy nào',
    'no chain leads to a trust anchor',
  ),
  NO_CERTIFICATE_CHAIN_FOUND_NO_POE: open(
    'không có chuỗi chứng thư có hiệu lực vào thời điểm được chứng minh',
    'no chain was valid at a proven time',
  ),
  REVOKED_NO_POE: open(
    'chứng thư đã bị thu hồi, không có bằng chứng đã ký trước đó',
    'the certificate is revoked, and nothing proves that it was used before',
  ),
  REVOKED_CA_NO_POE: open(
    'chứng thư của tổ chức cấp đã bị thu hồi, không có bằng chứng đã ký trước đó',
    "an issuer's certificate is revoked, and nothing proves that it was used before",
  ),
  OUT_OF_BOUNDS_NOT_REVOKED: open(
    'chứng thư ngoài thời hạn hiệu lực, không bị thu hồi; không có bằng chứng thời điểm ký',
    'the certificate is outside its validity period, not revoked, and nothing proves the time of signing',
  ),
  OUT_OF_BOUNDS_NO_POE: open(
    'chứng thư ngoài thời hạn hiệu lực, không có bằng chứng thời điểm ký',
    'the certificate is outside its validity period, and nothing proves the time of signing',
  ),
  REVOCATION_OUT_OF_BOUNDS_NO_POE: open(
    'chứng thư của nơi báo thu hồi ngoài thời hạn hiệu lực',
    "the revocation issuer's certificate is outside its validity period",
  ),
  NO_POE: open('không có bằng chứng tồn tại', 'a proof of existence is missing'),
  TRY_LATER: open(
    'chưa biết chứng thư có bị thu hồi không; thử lại sau',
    'whether a certificate is revoked is not known yet: try later',
  ),
  SIGNED_DATA_NOT_FOUND: open('không có nội dung được ký', 'the signed content is not at hand'),
  GENERIC: open('không kiểm tra được vì lý do khác', 'could not be checked for another reason'),
} as const satisfies Record<string, SubIndicationRow>

export type SubIndication = keyof typeof SUB_INDICATIONS

/** The indication that a sub-indication belongs to. */
export const indicationOf = (sub: SubIndication): Exclude<Indication, 'TOTAL_PASSED'> =>
  SUB_INDICATIONS[sub].of
