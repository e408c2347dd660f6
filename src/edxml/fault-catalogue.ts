import type { Bilingual } from '../domain/bilingual.ts'
import type { Fault } from '../domain/fault.ts'

interface FaultRow {
  readonly severity: Fault['severity']
  readonly hint: Bilingual
}

const error = (vi: string, en: string): FaultRow => ({ severity: 'error', hint: { vi, en } })
const warning = (vi: string, en: string): FaultRow => ({ severity: 'warning', hint: { vi, en } })

/**
 * Everything that can be wrong with a packet. Errors are what keeps the gateway from reading, routing or accounting
 * for it without doubt; all else is told and kept, because packets of real systems omit and bend a lot.
 * A code is stable: it is never reused for something else.
 */
export const FAULTS = {
  // Bytes and syntax
  'xml-not-well-formed': error(
    'Sửa lỗi cú pháp XML tại vị trí nêu trên; nên sinh gói tin bằng thư viện XML.',
    'Mend the XML syntax at this place; let an XML library write the packet.',
  ),
  'encoding-not-utf8': error(
    'Ghi gói tin bằng UTF-8 và khai báo encoding="UTF-8".',
    'Write the packet in UTF-8 and declare encoding="UTF-8".',
  ),
  'utf8-invalid': error(
    'Có byte không phải UTF-8 hợp lệ; không ghép chuỗi từ bảng mã khác (TCVN3, Windows-1258).',
    'Some bytes are no valid UTF-8; do not paste text of another encoding (TCVN3, Windows-1258).',
  ),
  'declaration-too-long': error(
    'Chỉ ghi <?xml version="1.0" encoding="UTF-8"?>.',
    'Write just <?xml version="1.0" encoding="UTF-8"?>.',
  ),
  'xml-version-unsupported': error('Dùng XML 1.0.', 'Use XML 1.0.'),
  'doctype-forbidden': error(
    'Bỏ DOCTYPE và mọi khai báo <!…>; gói tin edXML không cần.',
    'Remove the DOCTYPE and every <!…> declaration; an edXML packet needs none.',
  ),
  'processing-instruction-forbidden': error(
    'Bỏ chỉ thị xử lý <?…?>: có phần mềm bỏ qua nó khi kiểm tra chữ ký số.',
    'Remove the processing instruction <?…?>: some software overlooks it when checking signatures.',
  ),
  'entity-forbidden': error(
    'Chỉ dùng &amp; &lt; &gt; &quot; &apos; và tham chiếu ký tự dạng số.',
    'Use only &amp; &lt; &gt; &quot; &apos; and numeric character references.',
  ),
  'character-forbidden': error(
    'Bỏ ký tự mà XML 1.0 §2.2 cấm (NUL, ký tự điều khiển).',
    'Remove characters that XML 1.0 §2.2 forbids (NUL, control characters).',
  ),
  'limit-exceeded': error('Giảm kích thước hoặc chia nhỏ gói tin.', 'Make the packet smaller or split it.'),
  'too-deep': error(
    'Gói tin edXML không lồng quá sâu; kiểm tra thẻ đóng.',
    'No edXML packet nests this deep; check the closing tags.',
  ),
  'parsers-disagree': error(
    'Nội dung tệp đính kèm không đọc được chắc chắn; ghi base64 là văn bản thuần trong ContentTransferEncoded.',
    'The attachment content cannot be read without doubt; write base64 as plain text in ContentTransferEncoded.',
  ),
  'byte-order-mark': warning(
    'Bỏ BOM ở đầu tệp: một số phần mềm nhận không đọc được.',
    'Remove the byte order mark: some receivers cannot read it.',
  ),
  'bytes-before-prolog': warning(
    'Bỏ các byte đứng trước <?xml: gói tin như vậy không đúng cú pháp XML, nhiều phần mềm nhận từ chối.',
    'Remove the bytes before <?xml: such a packet is not well-formed, and many receivers refuse it.',
  ),
  'prefix-undeclared': warning(
    'Khai báo tiền tố này bằng xmlns:…, trên phần tử bao ngoài mọi chỗ dùng nó; nhiều phần mềm nhận từ chối.',
    'Declare this prefix with xmlns:… on an element around all its uses; many receivers refuse it as it is.',
  ),
  // Structure
  'root-unexpected': error(
    'Phần tử gốc phải là edXML trong không gian tên http://www.mic.gov.vn/TBT/QCVN_102_2016.',
    'The root must be edXML in the namespace http://www.mic.gov.vn/TBT/QCVN_102_2016.',
  ),
  'namespace-unexpected': warning(
    'Phần tử này phải thuộc không gian tên http://www.mic.gov.vn/TBT/QCVN_102_2016.',
    'This element belongs into the namespace http://www.mic.gov.vn/TBT/QCVN_102_2016.',
  ),
  'kind-ambiguous': error(
    'Gói trạng thái (StatusCode) không được chứa To, Body hay tệp đính kèm: tách thành hai gói.',
    'A status packet (StatusCode) holds no To, body or attachments: make two packets of it.',
  ),
  'element-missing': error(
    'Thêm phần tử này với giá trị: trục cần nó để chuyển và theo dõi gói tin.',
    'Add this element with a value: the gateway needs it to route and account for the packet.',
  ),
  'element-wanted': warning(
    'QCVN 102:2016 yêu cầu phần tử này có giá trị.',
    'QCVN 102:2016 wants this element to have a value.',
  ),
  'element-repeated': error(
    'Chỉ để một phần tử: nơi nhận khác nhau sẽ đọc giá trị khác nhau.',
    'Keep only one of them: receivers would read different values.',
  ),
  'element-repeated-ignored': warning(
    'Chỉ để một phần tử; trục đọc phần tử đầu tiên.',
    'Keep only one of them; the gateway reads the first.',
  ),
  'element-misplaced': error(
    'Chuyển phần tử này về đúng chỗ theo QCVN 102:2016 hoặc bỏ đi: phần mềm tìm theo tên sẽ đọc nhầm giá trị.',
    'Put this element where QCVN 102:2016 has it, or remove it: software that looks for its name would read it.',
  ),
  'element-foreign': error(
    'Phần tử quyết định nơi nhận và việc xử lý phải thuộc không gian tên của QCVN 102:2016.',
    'An element that decides where a packet goes and what it does belongs into the namespace of QCVN 102:2016.',
  ),
  'element-unknown': warning(
    'QCVN 102:2016 không có phần tử này ở đây; kiểm tra chính tả, chữ hoa và chữ thường.',
    'QCVN 102:2016 has no such element here; check spelling and case.',
  ),
  'text-interrupted': error(
    'Giá trị không được chứa chú thích hay phần tử con: phần mềm nhận có thể chỉ đọc một phần.',
    'The value may hold no comments or child elements: receivers might read but a part of it.',
  ),
  'text-unexpected': warning(
    'Bỏ văn bản nằm ngoài các phần tử con: không phần mềm nào đọc nó.',
    'Remove the text between the child elements: nothing reads it.',
  ),
  // Values
  'value-beyond-limit': error(
    'Rút ngắn giá trị: dài hơn nhiều lần so với mức tiêu chuẩn cho phép.',
    'Shorten the value: it is many times longer than the standard allows.',
  ),
  'value-too-long': warning(
    'Rút ngắn giá trị theo QCVN 102:2016 và Phụ lục VI Nghị định 30/2020/NĐ-CP.',
    'Shorten the value as QCVN 102:2016 and Annex VI of Decree 30/2020/NĐ-CP ask.',
  ),
  'date-malformed': warning(
    'Ghi ngày theo dạng yyyy/MM/dd, là ngày có thật.',
    'Write the date as yyyy/MM/dd, a day that exists.',
  ),
  'timestamp-malformed': warning(
    'Ghi thời điểm theo dạng yyyy/MM/dd HH:mm:ss, giờ Việt Nam.',
    'Write the time as yyyy/MM/dd HH:mm:ss, Vietnam time.',
  ),
  'integer-malformed': warning('Ghi một số nguyên.', 'Write a whole number.'),
  'flag-malformed': warning('Ghi 0 hoặc 1.', 'Write 0 or 1.'),
  'priority-unknown': warning(
    'Độ khẩn là số từ 0 đến 4; giá trị khác được chuyển như văn bản thường.',
    'The priority is a number from 0 to 4; anything else travels as a normal document.',
  ),
  'agency-code-null': error(
    'Ghi mã định danh thật của cơ quan; "null" là lỗi của phần mềm gửi.',
    'Write the real code of the agency; "null" is a bug of the sending software.',
  ),
  'trace-agency-null': warning(
    'TraceHeader không cho biết cơ quan nào đã chuyển gói tin.',
    'The TraceHeader does not tell which agency passed the packet on.',
  ),
  'agency-code-malformed': error(
    'Mã định danh không chứa khoảng trắng hay ký tự điều khiển.',
    'An agency code holds no white space or control characters.',
  ),
  'recipient-repeated': warning(
    'Mỗi nơi nhận chỉ ghi một lần; trục từ chối gói tin khi định tuyến.',
    'Name each recipient once; the gateway refuses the packet when it routes it.',
  ),
  'status-code-malformed': error('StatusCode là hai chữ số.', 'A StatusCode has two digits.'),
  'status-code-unknown': warning(
    'Mã trạng thái này không có trong danh sách 01 02 03 04 05 06 13 15 16; trục chuyển nguyên như nhận.',
    'This status code is none of 01 02 03 04 05 06 13 15 16; the gateway passes it on as it is.',
  ),
  'business-type-unknown': error(
    'BussinessDocType là 0 (mới), 1 (thu hồi), 2 (cập nhật) hoặc 3 (thay thế).',
    'BussinessDocType is 0 (new), 1 (recall), 2 (update) or 3 (replacement).',
  ),
  'receiver-type-unknown': error(
    'ReceiverType là 0 (bỏ khỏi danh sách nhận) hoặc 1 (thêm vào).',
    'ReceiverType is 0 (removed from the recipients) or 1 (added).',
  ),
  'replacement-missing': error(
    'Gói thay thế phải nêu văn bản bị thay thế trong ReplacementInfoList.',
    'A replacement must name the documents that it replaces in ReplacementInfoList.',
  ),
  // Attachments
  'attachment-missing': error(
    'Manifest nhắc tới tệp không có trong AttachmentEncoded: thêm Attachment cùng ContentId.',
    'The manifest names a file that AttachmentEncoded lacks: add the Attachment with this ContentId.',
  ),
  'attachment-unreferenced': warning(
    'Thêm Reference cho tệp này vào edXMLManifest: phần mềm nhận có thể bỏ qua nó.',
    'Add a Reference for this file to edXMLManifest: receivers may pass over it.',
  ),
  'attachments-absent': warning(
    'Văn bản không có tệp đính kèm nào; kiểm tra có đúng ý không.',
    'The document carries no file at all; check that this is meant.',
  ),
  'content-id-repeated': error(
    'Mỗi tệp đính kèm có một ContentId riêng.',
    'Give each attachment a ContentId of its own.',
  ),
  'attachment-empty': error(
    'Tệp đính kèm không có nội dung: kiểm tra bước đọc tệp trước khi mã hóa base64.',
    'The attachment has no content: check the step that reads the file before base64.',
  ),
  'attachment-content-mixed': error(
    'ContentTransferEncoded chỉ chứa văn bản base64, không chú thích, CDATA hay phần tử con.',
    'ContentTransferEncoded holds base64 text only, no comments, CDATA or child elements.',
  ),
  'attachment-ambiguous': error(
    'Nén lại tệp bằng phần mềm chuẩn: các phần mềm sẽ đọc ra nội dung khác nhau từ tệp zip này.',
    'Zip the file anew with standard software: programs would read different contents from this zip.',
  ),
  'attachment-unreadable': error(
    'Tệp zip bị hỏng; nén lại rồi gửi.',
    'The zip is broken; make it anew and send again.',
  ),
  'base64-malformed': error(
    'Mã hóa lại toàn bộ tệp bằng base64 chuẩn (RFC 4648 §4), đủ dấu "=" ở cuối.',
    'Encode the whole file again in standard base64 (RFC 4648 §4) with its "=" at the end.',
  ),
  'content-type-differs': warning(
    'ContentType khai báo không khớp nội dung thật của tệp.',
    'The declared ContentType does not fit what the file really is.',
  ),
  'content-type-would-unzip': error(
    'Nơi nhận sẽ tự giải nén tệp khai báo application/zip mà tên không có đuôi .zip: sửa ContentType hoặc tên.',
    'Receivers unzip what is declared application/zip unless its name ends in .zip: mend the type or the name.',
  ),
} as const satisfies Record<string, FaultRow>

export type FaultCode = keyof typeof FAULTS

export interface FaultDetails {
  readonly path?: string
  readonly line?: number
  readonly found?: string
  readonly expected?: string
}

const FOUND_LENGTH = 80

/** A fault of the catalogue. What was found is cut short: faults are logged, and a packet's text need not be. */
export function fault(code: FaultCode, details: FaultDetails = {}): Fault {
  const { found, ...rest } = details
  const shown =
    found === undefined
      ? {}
      : { found: found.length > FOUND_LENGTH ? `${found.slice(0, FOUND_LENGTH)}…` : found }
  return { code, severity: FAULTS[code].severity, ...rest, ...shown, hint: FAULTS[code].hint }
}
