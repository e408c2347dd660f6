import { ATTEMPT_STATES } from '../../src/domain/attempt-state.ts'
import type { Bilingual } from '../../src/domain/bilingual.ts'
import { BUSINESS_OPERATIONS } from '../../src/domain/business-operation.ts'
import { DELIVERY_STATES } from '../../src/domain/delivery-state.ts'
import { DOCUMENT_STATES } from '../../src/domain/document-state.ts'
import { REQUEST_STATES } from '../../src/domain/request-state.ts'
import { STATUS_CODES, type StatusCodeRow } from '../../src/domain/status-code.ts'
import { table } from './markdown.ts'

type States = Readonly<
  Record<string, { readonly label: Bilingual; readonly next: Readonly<Record<string, string>> }>
>

/** Mermaid takes a hyphen in a name for a part of an arrow. */
const name = (state: string): string => state.replaceAll('-', '_')

function diagram(states: States, initial: string): string {
  const ids = Object.keys(states)
  const edges = ids.flatMap((from) =>
    Object.entries(states[from]!.next).map(([to, by]) => ({ from, to, by })),
  )
  const ends = ids.filter((id) => Object.keys(states[id]!.next).length === 0)
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...ids.map((id) => `  state "${id}" as ${name(id)}`),
    `  [*] --> ${name(initial)}`,
    ...edges.map(({ from, to, by }) => `  ${name(from)} --> ${name(to)} : ${by}`),
    ...ends.map((id) => `  ${name(id)} --> [*]`),
    '```',
  ].join('\n')
}

const stateTable = (states: States): string =>
  table(
    ['mã · code', 'tiếng Việt', 'English', 'tiếp theo · what may follow'],
    Object.entries(states).map(([id, { label, next }]) => [
      `\`${id}\``,
      label.vi,
      label.en,
      Object.keys(next)
        .map((to) => `\`${to}\``)
        .join(', ') || '—',
    ]),
  )

const EMITTED_BY: Record<StatusCodeRow['emittedBy'], string> = {
  recipient: 'bên nhận · recipient',
  sender: 'bên gửi · sender',
}
const ON_REQUEST: Record<NonNullable<StatusCodeRow['onRequest']>, string> = {
  asks: 'đặt yêu cầu · asks',
  agrees: 'đồng ý · agrees',
  objects: 'phản đối · objects',
}

const statusTable = (): string =>
  table(
    ['mã · code', 'tiếng Việt', 'English', 'ai báo · told by', 'thứ bậc · rank', 'yêu cầu · request'],
    Object.entries(STATUS_CODES).map(
      ([code, { label, emittedBy, rank, onRequest }]: [string, StatusCodeRow]) => [
        `\`${code}\``,
        label.vi,
        label.en,
        EMITTED_BY[emittedBy],
        String(rank ?? '—'),
        onRequest === undefined ? '—' : ON_REQUEST[onRequest],
      ],
    ),
  )

const yes = (holds: boolean): string => (holds ? 'có · yes' : '—')

const operationTable = (): string =>
  table(
    [
      'BussinessDocType',
      'mã · code',
      'tiếng Việt',
      'English',
      'văn bản riêng · own document',
      'chờ 15/16 · awaits 15/16',
    ],
    Object.entries(BUSINESS_OPERATIONS).map(([id, { wire, label, introducesDocument, asksForAnswer }]) => [
      String(wire),
      `\`${id}\``,
      label.vi,
      label.en,
      yes(introducesDocument),
      yes(asksForAnswer),
    ]),
  )

const machine = (title: string, words: string, states: States, initial: string): string =>
  [`## ${title}`, words, diagram(states, initial), stateTable(states)].join('\n\n')

/** docs/state-machines.md: every machine of `src/domain` as a picture and a table. */
export const stateMachines = (): string =>
  `${[
    '# Trạng thái · State machines',
    '<!-- Made from src/domain by `npm run docs`. -->',
    `Bảng trong \`src/domain\` là nguồn duy nhất: SQL lấy điều kiện của mỗi lệnh cập nhật từ chính các bảng ấy, và kiểm thử
so sánh chúng với ràng buộc của cơ sở dữ liệu.

The tables in \`src/domain\` are the only source: SQL takes the condition of each update from them, and a test compares
them with the constraints of the database.`,
    machine(
      'Chuyển văn bản tới một nơi nhận · Delivery (one document to one recipient)',
      'Từ `handed-over` trở đi bên nhận có thể đã giữ văn bản: thu hồi chỉ còn là yêu cầu. · From `handed-over` on the recipient may hold the document: a recall can only ask.',
      DELIVERY_STATES,
      'waiting',
    ),
    machine(
      'Văn bản, xét trên mọi nơi nhận · Document, over all its recipients',
      'Không lưu, luôn suy ra từ các lần chuyển. · Never stored, always derived from the deliveries.',
      DOCUMENT_STATES,
      'accepted',
    ),
    machine(
      'Một lần thử chuyển · Attempt',
      'Mỗi lần một tiến trình nhận việc; `epoch` của nó là số của lần nhận việc. · Each time a worker takes a delivery; its `epoch` is the number of the lease.',
      ATTEMPT_STATES,
      'started',
    ),
    machine(
      'Yêu cầu thu hồi, cập nhật, thay thế · Request to recall, update or replace',
      'Đặt cho nơi nhận đã có văn bản. QĐ 28/2018/QĐ-TTg Điều 9.2 buộc bên nhận hủy khi có thông báo thu hồi; mã 16 ghi nhận phản đối, không miễn nghĩa vụ đó. · Made to a recipient that already has the document. QĐ 28/2018/QĐ-TTg art. 9.2 obliges it to cancel on recall; code 16 puts an objection on record and does not undo the duty.',
      REQUEST_STATES,
      'requested',
    ),
    '## Mã trạng thái xử lý · Status codes',
    'Mã đến muộn, lặp lại, sai thứ tự: trạng thái xử lý là mã có thứ bậc cao nhất đã thấy. Mã lạ được ghi lại và chuyển tiếp. · Codes come late, repeated and out of order: the processing status is the code of the highest rank seen. Unknown codes are kept and passed on.',
    statusTable(),
    '## Nghiệp vụ của gói tin · What a packet does',
    operationTable(),
  ].join('\n\n')}\n`
