import { AUDIT_EVENTS, type AuditEventKind } from '../../src/domain/audit-event.ts'
import { table } from './markdown.ts'

const EFFECT = '`by` document that did it, `operation`, `reason` as its sender gave it'
const ATTEMPT = '`attempt` its number, `channel`, `result` what the channel answered'
const CHANGE = '`before`, `after`'

const REFUSAL =
  '`problem` its code, `method`, `route`, `address`, `claimedClient` named without proof; or `leftOut` how many more were refused'

const SUCCESSION =
  '`from` and `to`: `code` and `name`; `act`, `on`, `basis` of the succession; `hops` where there were several'

const DRAFT =
  '`draft` its id, `of` directory or routing, `version`, `contentSha256`, `items` how many, `authors` everybody who wrote any version'

/** What stands in `detail`, by kind. */
const DETAILS: Record<AuditEventKind, string> = {
  'submission-accepted':
    '`recipients` at most a hundred of them, `recipientCount`, `groups` that were expanded, `legalValue`',
  'submission-refused': '`problem` its code, `faults` their codes; nothing of the content',
  'delivery-available': ATTEMPT,
  'delivery-attempt-failed': ATTEMPT,
  'delivery-failed': ATTEMPT,
  'delivery-handed-over': '—',
  'delivery-handed-on': `${ATTEMPT}, with \`remoteId\`, under which the other exchange keeps it`,
  'delivery-failed-there': '`status`, `description`: what the other exchange says',
  'delivery-acknowledged': '— ; `by` where a status or another exchange tells it',
  'packet-not-stored': '`description` in the words of the system; once for each',
  'delivery-withdrawn': EFFECT,
  'delivery-withdrawn-in-part': `${EFFECT}; \`spoken\` the names that were taken back, \`left\` those for which it goes on`,
  'delivery-stopped': EFFECT,
  'delivery-rerouted': '`from` and `to`: channels; `because` the failure with which the first gave up',
  'delivery-retried': CHANGE,
  'delivery-cancelled': `${CHANGE} with the reason given`,
  'delivery-redirected': SUCCESSION,
  'delivery-reopened': '`before`: `state`, `attempts`, `reason`',
  'delivery-joined': `${SUCCESSION}; \`joined\` the delivery that joined`,
  'delivery-kept': '`because`, `explanation`',
  'recall-requested': EFFECT,
  'update-requested': EFFECT,
  'replace-requested': EFFECT,
  'status-received': '`code`, `description`, `by` the status packet',
  'agency-limits-changed': 'every limit; null: as for all',
  'agency-changed': '`directoryRevision` that said it, `draft`, `approver`; before drafts: `before`, `after`',
  'directory-seeded': '`revision`, `reason`, `facts`: how many',
  'endpoint-changed': CHANGE,
  'client-changed': '`clientId`, `change` and what belongs to it; never a secret',
  'arrival-refused':
    '`arrival` its id, `connector`, `remoteId` under which the other exchange keeps it, `messageType`, `packet` its SHA-256, `problem`, `faults` their codes',
  'arrival-retried': '`arrival`, `connector`, `remoteId`, `messageType`, `problem` for which it was refused',
  'axis-system-changed': '`systemId`, `change` and what belongs to it; never a secret',
  'route-changed': `${CHANGE}: each a whole revision of the table; before drafts, now \`draft-applied\``,
  'draft-created': `${DRAFT}; \`base\` the revision that it was made from, \`reverts\` the one that it takes back`,
  'draft-edited': `${DRAFT}; \`before\` version and digest; \`rebasedFrom\` where only its base changed`,
  'draft-submitted': `${DRAFT}; \`warnings\` their codes`,
  'draft-reopened': DRAFT,
  'draft-withdrawn': DRAFT,
  'draft-approved': `${DRAFT}; the actor is the second person`,
  'draft-applied': `${DRAFT}; \`revision\` that it became, \`effectiveFrom\`, \`author\`, \`approver\``,
  'draft-refused': `${DRAFT}; \`reason\`, \`faults\` their codes, or \`base\`, \`live\`, \`subjects\` of the conflict`,
  'approval-refused': `${DRAFT}; \`reason\` why the actor cannot be its second person`,
  'delegation-changed': CHANGE,
  'agency-key-changed':
    '`change`, `key` its id, `certificateSha256`, `kind` where the key lies; `nameConfirmed` and `certificateNames` where the certificate names another and the administrator answered for it; never a secret',
  'pdf-sealed': '`key`, `certificateSha256`, `level`, `showing`, SHA-256 of the file `before` and `after`',
  'access-refused': REFUSAL,
  'admin-refused': `${REFUSAL}; \`faults\` their codes, \`target\` of the path; nothing of the content`,
  'seal-extended': '`level`, `sha256` of the seal, `genTime` of its newest timestamp',
  'content-damaged':
    '`blob`, `damage`, `part` (`packet`, `attachment`, `seal`, `gateway-seal`), `number`, `name`',
  'content-mended': '`blob`, `damage`, `part`, `number`, `name`',
  'export-made': '`export` what was exported, `format`, `filters` as asked',
  'backup-made':
    '`backup` its name, `takenAt`, `manifestSha256`, `rows`, `blobs`, `missingBlobs` how many were not to be had',
  'gateway-restored':
    '`restoration`, `backup`, `takenAt`, `numberFloor` above which inboxes go on, `lastDocument` the last that is there, `missingBlobs`, `waiting`, `mayHaveLeft` how many go on',
  'blob-store-adopted':
    '`folder` as the command names it, `before` the id of the store until then, null where none was known, `after` its own',
  'inbox-reader-ahead':
    '`restoration`, `known` the last number of the backup, `seen` the greatest that the reader knew',
}

const kinds = Object.keys(AUDIT_EVENTS) as AuditEventKind[]

/** docs/audit-events.md: every kind of event on record. */
export const auditEvents = (): string => `# Nhật ký · Audit events

<!-- Made from src/domain/audit-event.ts by \`npm run docs\`. -->

Mỗi sự kiện được ghi trong cùng giao dịch với việc nó kể lại; dòng đã ghi không sửa, không xóa được (kích hoạt của cơ sở
dữ liệu chặn UPDATE, DELETE và TRUNCATE).

Each event is written in the transaction of what it tells; a row, once written, can be neither changed nor removed
(triggers of the database refuse UPDATE, DELETE and TRUNCATE).

${table(
  ['trường · field', 'ý nghĩa · meaning'],
  [
    ['`id`', 'UUIDv7'],
    ['`at`', 'đồng hồ của cơ sở dữ liệu · clock of the database'],
    ['`kind`', 'một trong các mã dưới đây · one of the codes below'],
    [
      '`actor`',
      'ai gây ra: mã hệ thống gọi, hoặc tiến trình · who brought it about: a client id, or a process',
    ],
    ['`agency_code`', 'cơ quan liên quan · the agency that it concerns'],
    ['`document_id`, `delivery_id`', 'khóa của Trạm · the keys of Tram'],
    ['`detail`', 'xem bảng dưới · see the table below'],
  ],
)}

${table(
  ['mã · kind', 'tiếng Việt', 'English', '`detail`'],
  kinds.map((kind) => [`\`${kind}\``, AUDIT_EVENTS[kind].vi, AUDIT_EVENTS[kind].en, DETAILS[kind]]),
)}
`
