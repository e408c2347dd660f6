import type { Bilingual } from '../domain/bilingual.ts'

/** Why a check failed or was not made, in words for people. */
export const REASONS = {
  'xml-too-large': {
    vi: 'tệp XML quá lớn để kiểm tra chữ ký',
    en: 'the XML is too large to have its signature checked',
  },
  'xml-too-costly': {
    vi: 'kiểm tra chữ ký này tốn quá nhiều tài nguyên',
    en: 'checking this signature would take too much work',
  },
  'text-not-at-hand': {
    vi: 'phần nội dung quá lớn, chỉ đọc tuần tự được, nên không thực hiện được phép biến đổi này',
    en: 'the content is too large to be held whole, and this transform needs it so',
  },
  'xml-unreadable': { vi: 'không đọc được XML', en: 'the XML cannot be read' },
  'xml-doctype': { vi: 'XML có DOCTYPE nên không được đọc', en: 'the XML holds a DOCTYPE and is not read' },
  'xml-encoding': {
    vi: 'không đọc được cách mã hóa này của XML; gói tin phải là UTF-8',
    en: 'this encoding of XML is not read; a packet must be in UTF-8',
  },
  'signature-namespace': {
    vi: 'phần tử chữ ký không thuộc không gian tên XML-Signature (bị hệ thống trung gian ghi lại)',
    en: 'the signature element is not in the XML-Signature namespace (rewritten by an intermediary)',
  },
  'signature-malformed': {
    vi: 'cấu trúc chữ ký sai chuẩn',
    en: 'the signature is not built as the standard prescribes',
  },
  'signed-info-hidden': {
    vi: 'SignedInfo chứa chú thích hoặc chỉ thị xử lý có thể che giấu nội dung',
    en: 'SignedInfo holds comments or processing instructions, which can hide text',
  },
  'too-many-signatures': { vi: 'quá nhiều chữ ký', en: 'too many signatures' },
  'algorithm-refused': {
    vi: 'thuật toán không được chấp nhận hoặc không hỗ trợ',
    en: 'algorithm refused or not supported',
  },
  'algorithm-weak': { vi: 'thuật toán hoặc khóa quá yếu', en: 'the algorithm or the key is too weak' },
  'transform-refused': { vi: 'phép biến đổi không được chấp nhận', en: 'transform refused' },
  'reference-external': { vi: 'tham chiếu ra ngoài tài liệu', en: 'a reference leads outside the document' },
  'reference-missing': {
    vi: 'không tìm thấy phần tử được tham chiếu',
    en: 'the element referred to is not there',
  },
  'reference-ambiguous': {
    vi: 'mã Id được tham chiếu bị trùng',
    en: 'the Id referred to occurs more than once',
  },
  'reference-position': {
    vi: 'phần được ký nằm ở vị trí không xác định trong tài liệu',
    en: 'what is signed stands at an unknown position in the document',
  },
  'digest-mismatch': {
    vi: 'nội dung đã bị thay đổi sau khi ký',
    en: 'the content was changed after signing',
  },
  'value-mismatch': { vi: 'giá trị chữ ký không khớp', en: 'the signature value does not fit' },
  'certificate-missing': {
    vi: 'chữ ký không kèm chứng thư của người ký',
    en: "the signer's certificate is not in the signature",
  },
  'certificate-unusable': {
    vi: 'không đọc được chứng thư của người ký',
    en: "the signer's certificate cannot be read",
  },
  'certificate-mismatch': {
    vi: 'chứng thư không phải là chứng thư đã được ký kèm',
    en: 'the certificate is not the one that the signature names',
  },
  'key-mismatch': {
    vi: 'loại khóa không hợp với thuật toán',
    en: 'the kind of key does not fit the algorithm',
  },
  'part-only': {
    vi: 'chữ ký chỉ bao phủ một phần tài liệu',
    en: 'the signature covers only a part of the document',
  },
  'changed-after-signing': {
    vi: 'tệp bị thay đổi sau khi ký, không chỉ là ký thêm',
    en: 'the file was changed after signing, by more than further signatures',
  },
  'validation-data-removed': {
    vi: 'dữ liệu xác thực (DSS) mà chữ ký hoặc dấu thời gian này bao phủ đã bị bỏ khỏi tệp',
    en: 'validation data (DSS) that this signature or timestamp covers was taken out of the file',
  },
  'later-revision-only-signed': {
    vi: 'phần thêm vào sau chỉ gồm những gì chữ ký hoặc dấu thời gian cần',
    en: 'what follows holds nothing but what further signatures or timestamps need',
  },
  'later-signer-untrusted': {
    vi: 'tệp bị thay đổi sau khi ký: chữ ký sau đó không tin cậy',
    en: 'the file was changed after signing: a later signature is not trusted',
  },
  'later-signer-paints': {
    vi: 'tệp bị thay đổi sau khi ký: chữ ký sau của tổ chức khác vẽ lên trang đã ký',
    en: 'the file was changed after signing: a later signature of another organisation paints on the signed page',
  },
  'not-whole-document': {
    vi: 'không xét độ tin cậy vì chữ ký không bao phủ toàn bộ tài liệu',
    en: 'trust is not considered, for the signature does not cover the whole document',
  },
  'not-intact': {
    vi: 'không xét độ tin cậy vì chữ ký không hợp lệ',
    en: 'trust is not considered, for the signature is not valid',
  },
  'byte-range': { vi: 'ByteRange sai', en: 'the ByteRange is wrong' },
  'pdf-encrypted': { vi: 'tệp PDF được mã hóa', en: 'the PDF is encrypted' },
  'pdf-unreadable': {
    vi: 'không đọc được cấu trúc PDF, tuy trong tệp có dấu hiệu của chữ ký',
    en: 'the structure of the PDF cannot be read, though the file speaks of a signature',
  },
  'pdf-signature-hidden': {
    vi: 'trường chữ ký trỏ tới một chữ ký không có ByteRange hoặc nằm trong luồng nén',
    en: 'a signature field leads to a signature without a ByteRange, or inside a compressed stream',
  },
  'pdf-signature-stray': {
    vi: 'không trường chữ ký nào của tệp trỏ tới chữ ký này',
    en: 'no signature field of the file leads to this signature',
  },
  'byte-range-partial': {
    vi: 'ByteRange bỏ sót nhiều hơn giá trị chữ ký',
    en: 'the ByteRange leaves out more than the signature value',
  },
  'forms-filled-after-signing': {
    vi: 'tệp bị thay đổi sau khi ký: biểu mẫu được điền',
    en: 'the file was changed after signing: form fields were filled in',
  },
  'annotated-after-signing': {
    vi: 'tệp bị thay đổi sau khi ký: có chú thích được thêm hoặc sửa',
    en: 'the file was changed after signing: annotations were added or changed',
  },
  'mdp-violated': {
    vi: 'tệp bị thay đổi trái với điều người ký cho phép (DocMDP, FieldMDP)',
    en: 'the file was changed against what the signer permits (DocMDP, FieldMDP)',
  },
  'mdp-permitted': {
    vi: 'những thay đổi sau khi ký nằm trong phạm vi người ký cho phép (DocMDP, FieldMDP)',
    en: 'what was changed after signing is permitted by the signer (DocMDP, FieldMDP)',
  },
  'pdf-placeholder': { vi: 'chữ ký PDF để trống', en: 'the PDF signature is an empty placeholder' },
  'pdf-copy': {
    vi: 'bản sao của một chữ ký đã có trong tệp',
    en: 'a copy of a signature that stands in the file already',
  },
  'subfilter-unsupported': {
    vi: 'kiểu chữ ký PDF không được hỗ trợ',
    en: 'this kind of PDF signature is not supported',
  },
  'cms-unreadable': { vi: 'không đọc được chữ ký CMS', en: 'the CMS signature cannot be read' },
  'container-unreadable': {
    vi: 'không đọc được tệp nén chứa chữ ký',
    en: 'the signed container cannot be read',
  },
  'opens-as-pdf': {
    vi: 'tệp còn mở được như một PDF mà nội dung không phải là nội dung được ký',
    en: 'the file also opens as a PDF, of which the content is not what was signed',
  },
  'container-ambiguous': {
    vi: 'tệp nén có nội dung mà các phần mềm có thể đọc khác nhau',
    en: 'readers of the container may find different contents in it',
  },
  'content-detached': {
    vi: 'nội dung được ký không nằm trong tệp này',
    en: 'the signed content is not in this file',
  },
  'content-type-mismatch': {
    vi: 'thuộc tính content-type không khớp',
    en: 'the content-type attribute does not match',
  },
  'algorithm-substituted': {
    vi: 'thuật toán không phải là thuật toán đã được ký kèm',
    en: 'the algorithm is not the one that was signed along',
  },
  'attribute-missing': { vi: 'thiếu thuộc tính bắt buộc', en: 'a mandatory attribute is missing' },
  'no-path': {
    vi: 'chứng thư không dẫn tới gốc tin cậy nào',
    en: 'the certificate leads to no trust anchor',
  },
  expired: {
    vi: 'chứng thư hết hạn hoặc chưa có hiệu lực vào thời điểm kiểm tra',
    en: 'a certificate is outside its validity period at the time of checking',
  },
  'not-a-ca': { vi: 'chứng thư trung gian không phải là CA', en: 'an issuing certificate is not a CA' },
  'path-too-long': {
    vi: 'chuỗi chứng thư vượt độ dài cho phép',
    en: 'the path is longer than a CA in it allows',
  },
  'key-usage': {
    vi: 'chứng thư không được cấp cho mục đích này',
    en: 'a certificate is not meant for this use',
  },
  'critical-extension': {
    vi: 'chứng thư có phần mở rộng bắt buộc chưa được hỗ trợ',
    en: 'a certificate holds a critical extension that is not supported',
  },
  'certificate-malformed': {
    vi: 'chứng thư có cấu trúc sai chuẩn X.509',
    en: 'a certificate is not built as X.509 prescribes',
  },
  'issuer-signature': {
    vi: 'chữ ký trên chứng thư không phải của cơ quan cấp có tên trong đó',
    en: 'the signature on a certificate is not that of the issuer it names',
  },
  'anchor-not-trusted': {
    vi: 'gốc tin cậy không còn hoặc chưa được tin cậy vào thời điểm kiểm tra',
    en: 'the trust anchor is not trusted at the time of checking',
  },
  'name-constraints': {
    vi: 'chứng thư mang tên mà CA cấp trên không cho phép',
    en: 'a certificate bears a name that a CA above does not permit',
  },
  'policy-path': {
    vi: 'chuỗi chứng thư không có chính sách chứng thư hợp lệ',
    en: 'the path has no valid certificate policy',
  },
  'key-unsupported': {
    vi: 'loại khóa hoặc thuật toán của chứng thư chưa được hỗ trợ',
    en: 'the kind of key or algorithm of a certificate is not supported',
  },
  revoked: { vi: 'chứng thư đã bị thu hồi', en: 'a certificate is revoked' },
  'revocation-unknown': {
    vi: 'không xác định được chứng thư có bị thu hồi hay không',
    en: 'it is not known whether a certificate is revoked',
  },
  'revocation-not-made': {
    vi: 'chưa kiểm tra thu hồi chứng thư (CRL, OCSP)',
    en: 'revocation (CRL, OCSP) was not checked',
  },
  'timestamp-not-made': {
    vi: 'chưa kiểm tra dấu thời gian; thời điểm ký do người ký tự khai',
    en: 'timestamps were not checked; the signing time is what the signer claims',
  },
  'policy-not-made': {
    vi: 'chưa kiểm tra chính sách chứng thư',
    en: 'certificate policies were not checked',
  },
  'counter-signature-not-made': {
    vi: 'chưa kiểm tra chữ ký lồng bên trong',
    en: 'signatures nested in this one were not checked',
  },
} as const satisfies Record<string, Bilingual>

export type ReasonId = keyof typeof REASONS

/** The words of a reason, with what was found where that helps. */
export function reason(id: ReasonId, found?: string): Bilingual {
  if (found === undefined) return REASONS[id]
  const shown = found.length > 200 ? `${found.slice(0, 200)}…` : found
  return { vi: `${REASONS[id].vi}: ${shown}`, en: `${REASONS[id].en}: ${shown}` }
}
