import type { LimitReached } from './agency-limit.ts'
import type { Bilingual } from './bilingual.ts'
import type { Fault } from './fault.ts'

export interface ProblemRow {
  /** HTTP status at the door. */
  readonly status: number
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean
  readonly title: Bilingual
  /** What the reader should do. */
  readonly advice: Bilingual
}

const row = (
  status: number,
  retryable: boolean,
  title: [vi: string, en: string],
  advice: [vi: string, en: string],
): ProblemRow => ({
  status,
  retryable,
  title: { vi: title[0], en: title[1] },
  advice: { vi: advice[0], en: advice[1] },
})

// Long because it is one table: each row is short, and the compiler checks that none is missing where codes are used.
/** Every way in which Tram says no. The key is stable and ends the `type` URL of the problem document (RFC 9457). */
export const PROBLEMS = {
  'request-malformed': row(
    400,
    false,
    ['Yêu cầu sai cú pháp', 'The request is malformed'],
    ['Sửa các lỗi nêu trong errors rồi gửi lại.', 'Mend what errors names and send again.'],
  ),
  'request-invalid': row(
    422,
    false,
    ['Yêu cầu không hợp lệ', 'The request is invalid'],
    ['Sửa các lỗi nêu trong errors rồi gửi lại.', 'Mend what errors names and send again.'],
  ),
  'cursor-invalid': row(
    400,
    false,
    ['Con trỏ trang không hợp lệ', 'The cursor is invalid'],
    [
      'Dùng nguyên con trỏ mà câu trả lời trước đã cho.',
      'Use the cursor of the previous answer as it was given.',
    ],
  ),
  'token-missing': row(
    401,
    false,
    ['Thiếu mã truy cập', 'No access token'],
    [
      'Xin mã truy cập ở /oauth2/token và gửi trong Authorization: Bearer.',
      'Get a token at /oauth2/token and send it as Authorization: Bearer.',
    ],
  ),
  'token-invalid': row(
    401,
    false,
    ['Mã truy cập không hợp lệ hoặc đã hết hạn', 'The access token is invalid or has expired'],
    ['Xin mã truy cập mới ở /oauth2/token.', 'Get a new token at /oauth2/token.'],
  ),
  'certificate-mismatch': row(
    401,
    false,
    ['Chứng thư kết nối không khớp mã truy cập', "The connection's certificate does not match the token"],
    [
      'Dùng mã truy cập trên chính kết nối mTLS đã xin nó.',
      'Use the token over the mTLS connection that asked for it.',
    ],
  ),
  'client-invalid': row(
    401,
    false,
    ['Xác thực hệ thống thất bại', 'Client authentication failed'],
    ['Kiểm tra client_id và bí mật hoặc khóa ký.', 'Check the client_id and its secret or signing key.'],
  ),
  'scope-insufficient': row(
    403,
    false,
    ['Không đủ quyền', 'Not permitted'],
    ['Hệ thống này không có quyền dùng cửa này.', 'This client may not use this door.'],
  ),
  'sender-mismatch': row(
    403,
    false,
    ['Nơi gửi không phải là hệ thống đang gọi', 'The sender is not the caller'],
    [
      'Gửi với From/OrganId của chính cơ quan mình, hoặc xin ghi nhận ủy quyền.',
      'Send with your own From/OrganId, or have a delegation recorded.',
    ],
  ),
  'delegation-missing': row(
    403,
    false,
    ['Chưa có ủy quyền của cơ quan này', 'No delegation of this agency is on record'],
    [
      'Bỏ tham số agency, hoặc đề nghị quản trị ghi nhận ủy quyền.',
      'Leave out the agency parameter, or have the operators record a delegation.',
    ],
  ),
  'sender-closed': row(
    403,
    false,
    ['Nơi gửi đã kết thúc hoạt động', 'The sender has closed'],
    [
      'Cơ quan kế thừa gửi bằng mã của mình; cơ quan đã đóng chỉ còn báo trạng thái và thu hồi văn bản cũ.',
      'Its successor sends under its own code; a closed agency can still report on and take back old documents.',
    ],
  ),
  'not-found': row(
    404,
    false,
    ['Không tìm thấy', 'Not found'],
    ['Kiểm tra đường dẫn và mã.', 'Check the path and the identifier.'],
  ),
  'method-not-allowed': row(
    405,
    false,
    ['Phương thức không được phép', 'Method not allowed'],
    ['Xem tài liệu OpenAPI.', 'See the OpenAPI document.'],
  ),
  'sheet-invalid': row(
    422,
    false,
    ['Bảng tính không hợp lệ', 'The spreadsheet is invalid'],
    [
      'Sửa các ô nêu trong errors (ví dụ B17) rồi gửi lại tệp. Không có gì được ghi.',
      'Mend the cells that errors names (such as B17) and send the file again. Nothing was written.',
    ],
  ),
  'media-type-unsupported': row(
    415,
    false,
    ['Kiểu nội dung không được hỗ trợ', 'Unsupported media type'],
    [
      'Gửi application/xml, multipart/form-data hoặc application/json như tài liệu OpenAPI nêu.',
      'Send application/xml, multipart/form-data or application/json as the OpenAPI document says.',
    ],
  ),
  'headers-too-large': row(
    431,
    false,
    ['Tiêu đề HTTP quá lớn', 'The HTTP headers are too large'],
    ['Giảm kích thước tiêu đề và đường dẫn.', 'Send smaller headers and a shorter path.'],
  ),
  'request-timeout': row(
    408,
    true,
    ['Yêu cầu đến quá chậm', 'The request came too slowly'],
    [
      'Gửi lại trên kết nối mới; gửi lại là an toàn.',
      'Send again over a new connection; sending again is safe.',
    ],
  ),
  'payload-too-large': row(
    413,
    false,
    ['Nội dung vượt giới hạn kích thước', 'The content exceeds the size limit'],
    ['Giảm kích thước hoặc chia nhỏ tệp.', 'Send less, or split the files.'],
  ),
  'rate-limited': row(
    429,
    true,
    ['Quá nhiều yêu cầu', 'Too many requests'],
    ['Chờ hết thời gian nêu trong Retry-After.', 'Wait for what Retry-After says.'],
  ),
  'packet-hash-differs': row(
    400,
    false,
    ['Gói tin không khớp mã băm đã ký', 'The packet does not fit the hash that was signed for it'],
    [
      'Gửi lại nguyên gói tin với hash-file (SHA-256) của chính nó.',
      'Send the whole packet again with its own hash-file (SHA-256).',
    ],
  ),
  'packet-malformed': row(
    400,
    false,
    ['Gói tin không phải XML đúng cú pháp', 'The packet is not well-formed XML'],
    ['Sửa lỗi XML nêu trong errors.', 'Mend the XML error that errors names.'],
  ),
  'packet-refused': row(
    400,
    false,
    ['Gói tin chứa cấu trúc bị cấm', 'The packet holds a forbidden construct'],
    ['Bỏ DOCTYPE và thực thể; chỉ dùng UTF-8.', 'Remove DOCTYPE and entities; use UTF-8 only.'],
  ),
  'packet-invalid': row(
    422,
    false,
    ['Gói tin không đúng QCVN 102:2016', 'The packet does not follow QCVN 102:2016'],
    ['Sửa tất cả các lỗi nêu trong errors.', 'Mend every fault that errors names.'],
  ),
  'recipients-unresolvable': row(
    422,
    false,
    ['Có nơi nhận không gửi được', 'Some recipients cannot be reached'],
    [
      'Sửa các nơi nhận nêu trong errors; mã đã đóng có ghi mã kế thừa nếu có.',
      'Mend the recipients that errors names; a closed code comes with its successor where there is one.',
    ],
  ),
  'signature-invalid': row(
    422,
    false,
    ['Chữ ký số không khớp nội dung', 'A digital signature does not fit the content'],
    [
      'Nội dung đã bị thay đổi sau khi ký. Ký lại rồi gửi.',
      'The content was changed after signing. Sign again and send.',
    ],
  ),
  'gateway-seal-invalid': row(
    422,
    false,
    ['Con dấu của trục gửi không khớp', "The sending gateway's seal does not hold"],
    [
      'Gửi lại đúng gói tin và con dấu đã có; chứng thư con dấu phải là của cơ quan vận hành trục gửi.',
      "Send the packet and its seal as they were; the seal's certificate must be that of the agency that runs the gateway.",
    ],
  ),
  'packet-looped': row(
    409,
    false,
    ['Gói tin đã đi qua trục này', 'The packet has been through this gateway'],
    [
      'Không gửi tiếp. Kiểm tra bảng định tuyến của các trục mà gói tin đã qua.',
      'Do not send it on. Look at the routing tables of the exchanges that it passed.',
    ],
  ),
  'agency-key-missing': row(
    409,
    false,
    [
      'Cơ quan không có khóa con dấu còn hiệu lực tại trục',
      'The agency has no seal key in force with this gateway',
    ],
    [
      'Đề nghị quản trị ghi nhận khóa con dấu của cơ quan.',
      "Have the operators register the agency's seal key.",
    ],
  ),
  'agency-key-name-differs': row(
    422,
    false,
    [
      'Chứng thư mang tên khác với cơ quan trong danh bạ',
      'The certificate bears another name than the agency has in the directory',
    ],
    [
      'Kiểm tra lại khóa và cơ quan. Nếu đúng là con dấu của cơ quan, xác nhận bằng confirmName: true (hoặc --name-differs); việc xác nhận được ghi nhật ký.',
      "Look at key and agency again. If the seal is the agency's all the same, confirm it by confirmName: true (or --name-differs); that is put on record.",
    ],
  ),
  'pdf-unsealable': row(
    422,
    false,
    ['Không đóng dấu được lên tệp PDF này', 'This PDF cannot be sealed'],
    ['Sửa điều nêu trong errors rồi gửi lại.', 'Mend what errors names and send again.'],
  ),
  'state-secret': row(
    422,
    false,
    [
      'Văn bản mang dấu độ mật không được gửi qua trục',
      'A document marked as state secret may not travel here',
    ],
    [
      'Gửi theo quy định của Luật Bảo vệ bí mật nhà nước. Nội dung không được lưu.',
      'Send it as the law on state secrets prescribes. Nothing of its content was kept.',
    ],
  ),
  'document-id-conflict': row(
    409,
    false,
    ['Mã văn bản đã được dùng cho nội dung khác', 'This document id was already used for other bytes'],
    [
      'Dùng mã văn bản mới, hoặc gửi gói cập nhật, thay thế.',
      'Use a new document id, or send an update or a replacement.',
    ],
  ),
  'idempotency-key-reused': row(
    422,
    false,
    ['Idempotency-Key đã được dùng cho yêu cầu khác', 'This Idempotency-Key was used for another request'],
    ['Dùng khóa mới cho yêu cầu mới.', 'Use a new key for a new request.'],
  ),
  'target-unknown': row(
    422,
    false,
    ['Không tìm thấy văn bản được nhắc tới', 'The document that this one refers to is unknown'],
    [
      'Kiểm tra mã văn bản trong ResponseFor, Bussiness/DocumentId hoặc ReplacementInfo.',
      'Check the document id in ResponseFor, Bussiness/DocumentId or ReplacementInfo.',
    ],
  ),
  'target-not-yours': row(
    403,
    false,
    [
      'Không có quyền với văn bản được nhắc tới',
      'The document that this one refers to is not yours to change',
    ],
    [
      'Chỉ nơi gửi mới được thu hồi, cập nhật, thay thế; chỉ nơi nhận mới được báo trạng thái.',
      'Only its sender may recall, update or replace it; only its recipients may report on it.',
    ],
  ),
  'delivery-withdrawn': row(
    410,
    false,
    ['Văn bản đã được nơi gửi rút lại', 'The sender has withdrawn this document'],
    ['Bỏ qua mục này.', 'Skip this item.'],
  ),
  'delivery-moved': row(
    410,
    false,
    [
      'Văn bản đã chuyển sang cơ quan kế thừa hoặc bị trả lại',
      'The document has gone to the successor, or back',
    ],
    [
      'Bỏ qua mục này: cơ quan của mục này đã kết thúc hoạt động.',
      'Skip this item: the agency whose inbox it lay in has closed.',
    ],
  ),
  'claim-conflict': row(
    409,
    true,
    ['Mục này đang được một tiến trình khác giữ', 'Another process holds this item'],
    [
      'Chờ hết hạn giữ, hoặc dùng claimToken của mình.',
      'Wait until the claim ends, or use your own claimToken.',
    ],
  ),
  'delivery-state-conflict': row(
    409,
    false,
    ['Trạng thái hiện tại không cho phép thao tác này', 'The current state does not allow this'],
    ['Đọc lại trạng thái rồi quyết định.', 'Read the state again and decide.'],
  ),
  'approval-refused': row(
    403,
    false,
    ['Không được phê duyệt bản nháp này', 'You cannot approve this draft'],
    [
      'Đề nghị một quản trị viên độc lập, chưa soạn phiên bản nào, xem và phê duyệt.',
      'Have an independent administrator, who wrote no version of it, look at it and approve it.',
    ],
  ),
  'draft-needed': row(
    405,
    false,
    ['Thay đổi này chỉ đi qua bản nháp', 'This is changed by a draft alone'],
    [
      'Tạo bản nháp ở /admin/v1/drafts, trình và để người thứ hai phê duyệt.',
      'Make a draft at /admin/v1/drafts, submit it, and have a second person approve it.',
    ],
  ),
  'revision-conflict': row(
    409,
    true,
    ['Dữ liệu đã bị người khác thay đổi', 'Somebody else has changed this'],
    ['Đọc lại rồi thử lại.', 'Read it again and retry.'],
  ),
  'already-exists': row(
    409,
    false,
    ['Đã tồn tại', 'It already exists'],
    ['Dùng mã khác hoặc cập nhật mục đang có.', 'Use another identifier, or update what exists.'],
  ),
  'database-unavailable': row(
    503,
    true,
    ['Cơ sở dữ liệu tạm thời không sẵn sàng', 'The database is unavailable for the moment'],
    [
      'Gửi lại sau thời gian nêu trong Retry-After; gửi lại là an toàn.',
      'Send again after Retry-After; sending again is safe.',
    ],
  ),
  'timestamping-unavailable': row(
    503,
    true,
    ['Không lấy được dấu thời gian', 'No timestamp can be had'],
    [
      'Trục không nhận thêm khi niêm phong chờ dấu thời gian quá lâu. Gửi lại sau; quản trị đã được báo.',
      'The gateway takes nothing more while its seals wait too long for timestamps. Send again later; the operators have been told.',
    ],
  ),
  'storage-unavailable': row(
    503,
    true,
    ['Kho lưu trữ tạm thời không sẵn sàng', 'The blob store is unavailable for the moment'],
    [
      'Gửi lại sau thời gian nêu trong Retry-After; gửi lại là an toàn.',
      'Send again after Retry-After; sending again is safe.',
    ],
  ),
  'content-damaged': row(
    503,
    true,
    ['Nội dung lưu tại trục bị hỏng', 'What the gateway keeps of it is damaged'],
    [
      'Không có gì sai được giao đi; quản trị đã được báo. Lấy lại sau; bên gửi gửi lại đúng gói tin đó cũng làm nội dung lành lại.',
      'Nothing wrong is handed over; the operators have been told. Fetch it again later; the sender mends it too by sending the very same packet again.',
    ],
  ),
  'storage-full': row(
    503,
    true,
    ['Kho lưu trữ đã đầy', 'The blob store is full'],
    ['Gửi lại sau; quản trị đã được báo.', 'Send again later; the operators have been told.'],
  ),
  'storage-quota-exceeded': row(
    507,
    false,
    ['Cơ quan đã dùng hết dung lượng được cấp', 'The storage quota of the agency is used up'],
    [
      'Đề nghị quản trị trục tăng dung lượng; gửi lại trước đó sẽ bị từ chối.',
      'Ask the operators of the gateway for more; before that, sending again is refused.',
    ],
  ),
  overloaded: row(
    503,
    true,
    ['Trục đang quá tải', 'The gateway has more to do than it can'],
    [
      'Gửi lại sau thời gian nêu trong Retry-After; văn bản hỏa tốc gửi kèm tiêu đề Priority: u=0.',
      'Send again after Retry-After; send what is most urgent with the header Priority: u=0.',
    ],
  ),
  'seal-key-unavailable': row(
    503,
    true,
    ['Khóa con dấu tạm thời không dùng được', 'The key of the seal cannot be used for the moment'],
    [
      'Gửi lại sau; gửi lại là an toàn. Quản trị kiểm tra thiết bị lưu khóa và hạn của chứng thư.',
      "Send again later; sending again is safe. The operators check the key's token and the end of its certificate.",
    ],
  ),
  'shutting-down': row(
    503,
    true,
    ['Máy chủ đang dừng', 'The server is shutting down'],
    ['Gửi lại ngay; máy chủ khác sẽ nhận.', 'Send again; another server will take it.'],
  ),
  'internal-error': row(
    500,
    true,
    ['Lỗi bên trong hệ thống', 'An internal error'],
    [
      'Gửi lại là an toàn; báo quản trị kèm traceId nếu còn lỗi.',
      'Sending again is safe; give the operators the traceId if it persists.',
    ],
  ),
  'backup-damaged': row(
    422,
    false,
    ['Bản sao lưu không nguyên vẹn', 'The backup is not what was written'],
    [
      'Dùng một bản sao lưu khác, hoặc chép lại các tệp nêu trong errors từ bản gốc; tệp trong blobs là của chung mọi bản: xem docs/how-to/backup.md. Chưa có gì được ghi.',
      'Take another backup, or copy the files that errors names again; files of blobs are shared by all backups: see docs/how-to/backup.md. Nothing was written.',
    ],
  ),
  'restore-refused': row(
    409,
    false,
    ['Không khôi phục vào đây được', 'It cannot be restored here'],
    [
      'Sửa điều nêu trong errors rồi chạy lại. Chưa có gì được ghi.',
      'Mend what errors names and run it again. Nothing was written.',
    ],
  ),
} as const satisfies Record<string, ProblemRow>

export type ProblemCode = keyof typeof PROBLEMS

export interface GatewayErrorDetails {
  /** What is particular to this occurrence. */
  readonly detail?: Bilingual
  readonly faults?: readonly Fault[]
  /** Seconds; becomes Retry-After. */
  readonly retryAfter?: number
  /** The limit that was met, where it is one of an agency. */
  readonly limit?: LimitReached
  readonly cause?: unknown
}

/** The one error that stages throw; doors translate it by its row in `PROBLEMS`. */
export class GatewayError extends Error {
  readonly code: ProblemCode
  readonly detail: Bilingual | undefined
  readonly faults: readonly Fault[]
  readonly retryAfter: number | undefined
  readonly limit: LimitReached | undefined

  constructor(code: ProblemCode, details: GatewayErrorDetails = {}) {
    super(details.detail?.en ?? PROBLEMS[code].title.en, { cause: details.cause })
    this.name = 'GatewayError'
    this.code = code
    this.detail = details.detail
    this.faults = details.faults ?? []
    this.retryAfter = details.retryAfter
    this.limit = details.limit
  }
}
