import type { Bilingual } from './bilingual.ts'

/** Every kind of event on record, with its label. Fields beyond the common ones stand in `detail`. */
export const AUDIT_EVENTS = {
  'submission-accepted': { vi: 'Trục đã tiếp nhận', en: 'Accepted by the gateway' },
  'submission-refused': { vi: 'Trục từ chối gói tin', en: 'Refused by the gateway' },
  'delivery-available': { vi: 'Đã vào hộp thư bên nhận', en: "Available in the recipient's inbox" },
  'delivery-attempt-failed': { vi: 'Lần chuyển thất bại', en: 'An attempt failed' },
  'delivery-failed': { vi: 'Không chuyển được', en: 'Delivery failed' },
  'delivery-handed-over': { vi: 'Bên nhận đã lấy văn bản', en: 'Handed over to the recipient' },
  'delivery-handed-on': { vi: 'Đã chuyển sang trục khác', en: 'Handed on to another exchange' },
  'delivery-failed-there': {
    vi: 'Trục khác báo không chuyển được',
    en: 'Another exchange reports that it could not deliver',
  },
  'delivery-acknowledged': { vi: 'Bên nhận xác nhận đã lưu', en: 'Acknowledged by the recipient' },
  'packet-not-stored': {
    vi: 'Hệ thống bên nhận báo không lấy được gói tin',
    en: "The recipient's system reports that it could not take the packet",
  },
  'delivery-withdrawn': { vi: 'Đã rút lại trước khi chuyển giao', en: 'Withdrawn before hand-over' },
  'delivery-withdrawn-in-part': {
    vi: 'Đã rút lại đối với một số tên nơi nhận',
    en: 'Withdrawn from some of the names that led here',
  },
  'delivery-stopped': {
    vi: 'Ngừng chuyển; trục khác có thể đã nhận',
    en: 'No more attempts; another exchange may have it',
  },
  'delivery-rerouted': { vi: 'Chuyển sang kênh dự phòng', en: 'Gone on by its fall-back channel' },
  'delivery-retried': { vi: 'Quản trị cho chuyển lại', en: 'Retried by an administrator' },
  'delivery-cancelled': { vi: 'Quản trị hủy việc chuyển', en: 'Cancelled by an administrator' },
  'delivery-redirected': { vi: 'Chuyển tiếp đến cơ quan kế thừa', en: 'Redirected to the successor' },
  'delivery-reopened': {
    vi: 'Mở lại để chuyển cùng văn bản gửi cho cơ quan đã kết thúc hoạt động',
    en: 'Reopened, to bring what was sent to an agency that closed',
  },
  'delivery-joined': {
    vi: 'Gộp với văn bản gửi cho cơ quan đã kết thúc hoạt động',
    en: 'Joined by the delivery to an agency that closed',
  },
  'delivery-kept': {
    vi: 'Ở lại hộp thư của cơ quan đã kết thúc hoạt động',
    en: 'Stays in the inbox of an agency that closed',
  },
  'recall-requested': { vi: 'Yêu cầu thu hồi', en: 'Recall requested' },
  'update-requested': { vi: 'Yêu cầu cập nhật', en: 'Update requested' },
  'replace-requested': { vi: 'Yêu cầu thay thế', en: 'Replacement requested' },
  'status-received': { vi: 'Bên nhận báo trạng thái', en: 'Status reported' },
  'agency-changed': { vi: 'Thay đổi danh bạ cơ quan', en: 'Agency changed' },
  'agency-limits-changed': { vi: 'Thay đổi hạn mức của cơ quan', en: 'Limits of the agency changed' },
  'directory-seeded': { vi: 'Nạp danh bạ ban đầu', en: 'Empty directory filled' },
  'endpoint-changed': { vi: 'Thay đổi điểm kết nối', en: 'Endpoint changed' },
  'client-changed': { vi: 'Thay đổi thông tin xác thực', en: 'Credential changed' },
  'arrival-refused': {
    vi: 'Không tiếp nhận được gói tin từ trục khác',
    en: 'A packet of another exchange was not taken in',
  },
  'arrival-retried': {
    vi: 'Quản trị cho tiếp nhận lại gói tin từ trục khác',
    en: 'A packet of another exchange is tried again',
  },
  'axis-system-changed': { vi: 'Thay đổi hệ thống kết nối trục', en: 'System of the axis interface changed' },
  'route-changed': { vi: 'Thay đổi bảng định tuyến', en: 'Routing table changed' },
  'draft-created': { vi: 'Tạo bản nháp thay đổi', en: 'Draft created' },
  'draft-edited': { vi: 'Sửa bản nháp thay đổi', en: 'Draft edited' },
  'draft-submitted': { vi: 'Trình phê duyệt bản nháp', en: 'Draft submitted for approval' },
  'draft-reopened': { vi: 'Mở lại bản nháp để sửa', en: 'Draft reopened' },
  'draft-withdrawn': { vi: 'Hủy bản nháp', en: 'Draft withdrawn' },
  'draft-approved': { vi: 'Phê duyệt bản nháp', en: 'Draft approved' },
  'draft-applied': { vi: 'Bản nháp đã thành bản chính thức', en: 'Draft applied as a revision' },
  'draft-refused': { vi: 'Bản nháp không áp dụng được', en: 'Draft could not be applied' },
  'approval-refused': { vi: 'Từ chối phê duyệt', en: 'Approval refused' },
  'delegation-changed': { vi: 'Thay đổi ủy quyền', en: 'Delegation changed' },
  'agency-key-changed': { vi: 'Thay đổi khóa con dấu của cơ quan', en: "Agency's seal key changed" },
  'pdf-sealed': { vi: 'Đã đóng dấu tệp PDF', en: 'PDF sealed' },
  'access-refused': { vi: 'Từ chối truy cập', en: 'Access refused' },
  'admin-refused': { vi: 'Từ chối thao tác quản trị', en: "Administrator's change refused" },
  'seal-extended': {
    vi: 'Niêm phong của trục được bổ sung dấu thời gian, chứng cứ',
    en: "Timestamp or proofs added to the gateway's seal",
  },
  'content-damaged': {
    vi: 'Nội dung lưu tại trục bị hỏng',
    en: 'What the gateway keeps of it is damaged',
  },
  'content-mended': { vi: 'Nội dung bị hỏng đã lành', en: 'What was damaged is whole again' },
  'export-made': { vi: 'Đã xuất dữ liệu', en: 'Data exported' },
  'backup-made': { vi: 'Đã sao lưu', en: 'Backup made' },
  'gateway-restored': { vi: 'Đã khôi phục từ bản sao lưu', en: 'Restored from a backup' },
  'blob-store-adopted': {
    vi: 'Một thư mục trở thành kho tệp của cơ sở dữ liệu',
    en: 'A folder became the blob store of the database',
  },
  'inbox-reader-ahead': {
    vi: 'Bên nhận biết những số mà bản sao lưu chưa có: có văn bản đã mất',
    en: 'A reader knows numbers that the backup did not hold: deliveries are lost',
  },
} as const satisfies Record<string, Bilingual>

export type AuditEventKind = keyof typeof AUDIT_EVENTS
