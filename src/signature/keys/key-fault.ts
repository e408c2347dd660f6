import type { Bilingual } from '../../domain/bilingual.ts'

const row = (vi: string, en: string): Bilingual => ({ vi, en })

/** Why a key cannot be used, for people; `{}` is what was found. */
export const KEY_FAULTS = {
  'pkcs12-none': row('tệp không phải PKCS#12', 'not a PKCS#12 file'),
  'pkcs12-open': row(
    'tệp PKCS#12 không được bảo vệ bằng mật khẩu',
    'the PKCS#12 file is not protected by a passphrase',
  ),
  'pkcs12-for-certificate': row(
    'tệp PKCS#12 được mã hóa cho một chứng thư',
    'the PKCS#12 file is sealed for a certificate',
  ),
  'pkcs12-without-mac': row(
    'tệp PKCS#12 không có mã kiểm tra toàn vẹn',
    'the PKCS#12 file has no integrity check',
  ),
  'pkcs12-mac-unknown': row(
    'không hỗ trợ thuật toán kiểm tra toàn vẹn {}',
    'integrity check {} is not supported',
  ),
  'pkcs12-iterations': row(
    'tệp PKCS#12 đòi quá nhiều vòng lặp',
    'the PKCS#12 file asks for too many iterations',
  ),
  'pkcs12-passphrase': row(
    'sai mật khẩu của tệp PKCS#12, hoặc tệp bị hỏng',
    'the passphrase of the PKCS#12 file is wrong, or the file is damaged',
  ),
  'pkcs12-encryption': row('không hỗ trợ thuật toán mã hóa {}', 'the encryption {} is not supported'),
  'pkcs12-without-key': row('tệp PKCS#12 không có khóa bí mật', 'no private key in the PKCS#12 file'),
  'pkcs12-keys': row('tệp PKCS#12 có nhiều khóa bí mật', 'the PKCS#12 file holds several private keys'),
  'certificate-missing': row(
    'không có chứng thư nào của khóa bí mật',
    'no certificate of the chain belongs to the private key',
  ),
  'certificate-none': row('tệp không có chứng thư', 'no certificate in the file'),
  'certificate-of-another': row(
    'chứng thư không thuộc khóa bí mật này',
    'the certificate does not belong to the private key',
  ),
  'key-kind': row('khóa ký phải là RSA hoặc EC', 'a signing key is RSA or EC'),
  'key-scheme': row('khóa không tạo được chữ ký {}', 'the key makes no {} signatures'),
  'token-pss': row(
    'thiết bị không hỗ trợ RSASSA-PSS với {}',
    'RSASSA-PSS with {} is not supported by tokens',
  ),
  'token-certificate': row(
    'không có chứng thư của khóa trong thiết bị, cũng không được gửi kèm',
    'no certificate is given for the key in the token, and none lies in it',
  ),
  'token-value': row('thiết bị tạo ra giá trị không khớp', 'the token made a value that does not fit'),
  'token-none': row('không có thiết bị nào khớp URI pkcs11:', 'no token fits the pkcs11: URI'),
  'token-several': row('nhiều thiết bị cùng khớp URI pkcs11:', 'more than one token fits the pkcs11: URI'),
  'token-key-none': row('không có khóa bí mật nào khớp URI pkcs11:', 'no private key fits the pkcs11: URI'),
  'token-key-several': row(
    'nhiều khóa bí mật cùng khớp URI pkcs11:',
    'more than one private key fits the pkcs11: URI',
  ),
  'pin-refused': row(
    'thiết bị từ chối PIN; không thử lại',
    'the token refuses the PIN; it is not tried again',
  ),
  'pin-missing': row('chưa có PIN của thiết bị', 'no PIN is given for the token'),
  'module-unloadable': row('không nạp được mô-đun PKCS#11 {}', 'the PKCS#11 module {} cannot be loaded'),
  'module-package': row(
    'thiết bị PKCS#11 cần gói tùy chọn pkcs11js, chưa được cài hoặc chưa biên dịch ở đây',
    'PKCS#11 tokens need the optional package pkcs11js, which is not installed here, or not compiled',
  ),
  'uri-none': row('không phải URI pkcs11:', 'not a pkcs11: URI'),
  'uri-queries': row('URI pkcs11: chỉ có một phần truy vấn', 'a pkcs11: URI has one query'),
  'uri-pin': row(
    'URI pkcs11: không được chứa PIN: dùng pin-source',
    'a pkcs11: URI must not hold the PIN: use pin-source',
  ),
  'uri-module': row('URI pkcs11: không nêu module-path', 'the pkcs11: URI names no module-path'),
  'uri-type': row('URI pkcs11: không trỏ tới khóa bí mật', 'the pkcs11: URI names no private key'),
  'uri-object': row('URI pkcs11: không nêu object hay id', 'the pkcs11: URI names neither object nor id'),
  'uri-slot': row('slot-id của URI pkcs11: phải là số', 'slot-id of a pkcs11: URI is a number'),
  'uri-attribute': row(
    'một thuộc tính của URI pkcs11: sai cú pháp',
    'an attribute of the pkcs11: URI is malformed',
  ),
  'uri-unknown': row('không hỗ trợ {} của URI pkcs11:', '{} of a pkcs11: URI is not supported'),
  'uri-twice': row('{} xuất hiện hai lần trong URI pkcs11:', '{} stands twice in the pkcs11: URI'),
  /** By what a library or the system says, which is in no language of ours. */
  unreadable: row('không đọc được ({})', 'it cannot be read ({})'),
} as const satisfies Record<string, Bilingual>

export type KeyFaultId = keyof typeof KEY_FAULTS

/** A key, its file or its token is not what is wanted. The message is the English text. */
export class KeyFault extends Error {
  readonly id: KeyFaultId
  readonly text: Bilingual

  constructor(id: KeyFaultId, { found = '?', cause }: { found?: string; cause?: unknown } = {}) {
    const { vi, en } = KEY_FAULTS[id]
    const text = { vi: vi.replace('{}', () => found), en: en.replace('{}', () => found) }
    super(text.en, { cause })
    this.name = 'KeyFault'
    this.id = id
    this.text = text
  }
}

/** Why a key could not be opened, whatever threw it. */
export const keyFaultText = (error: unknown): Bilingual =>
  error instanceof KeyFault
    ? error.text
    : new KeyFault('unreadable', { found: error instanceof Error ? error.message : String(error) }).text
