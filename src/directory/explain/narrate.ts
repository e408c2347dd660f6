import type { Bilingual } from '../../domain/bilingual.ts'
import { URGENCIES } from '../../domain/urgency.ts'
import { vietnamIso } from '../../domain/vietnam-time.ts'
import type { RecipientAnswer, RouteAnswer, TableAnswer } from './answer.ts'
import type { SenderAnswer } from './explain-sender.ts'
import { aliasLine, hopLine, line, type Words } from './lines.ts'
import { narrateMember, narrateWay } from './narrate-way.ts'
import { SENDER_OUTCOMES } from './words.ts'

/** An answer as people read it: line by line, in both languages. */
export const narrate = (answer: RouteAnswer): Words => [
  askedLine(answer),
  ...tableLines(answer.directoryRevision, answer.table),
  ...senderLines(answer.sender),
  ...recipientLines(answer.asked.recipient, answer.recipient),
]

function askedLine({ asked }: RouteAnswer): Bilingual {
  const { label } = URGENCIES[asked.urgency]
  const at = vietnamIso(asked.at)
  return line(
    `Văn bản từ ${asked.sender} tới ${asked.recipient}, ${asked.documentType ?? 'không rõ loại'}, ${label.vi}, ${asked.bytes} byte, lúc ${at}`,
    `A document from ${asked.sender} to ${asked.recipient}, ${asked.documentType ?? 'of no kind'}, ${label.en}, ${asked.bytes} bytes, at ${at}`,
  )
}

function tableLines(directoryRevision: number, table: TableAnswer): Words {
  const { revision, rules, author, approvedBy, next, text } = table
  const since = vietnamIso(table.effectiveFrom)
  const lines = [
    line(`Danh bạ: phiên bản ${directoryRevision}`, `Directory: revision ${directoryRevision}`),
    line(
      `Bảng định tuyến: phiên bản ${revision} (${rules} quy tắc), từ ${since}; soạn: ${author}, duyệt: ${approvedBy ?? '–'}; ${text.vi}`,
      `Routing table: revision ${revision} (${rules} rules), from ${since}; by ${author}, approved by ${approvedBy ?? '–'}; ${text.en}`,
    ),
  ]
  if (next === null) return lines
  const from = vietnamIso(next.effectiveFrom)
  return [
    ...lines,
    line(
      `  được thay bằng phiên bản ${next.revision} từ ${from}`,
      `  revision ${next.revision} takes its place from ${from}`,
    ),
  ]
}

function senderLines({ spelling, alias, agency, outcome, delegates }: SenderAnswer): Words {
  const words = SENDER_OUTCOMES[outcome]
  const who = agency === null ? spelling : `${agency.name} (${agency.code})`
  return [
    line(`Nơi gửi: ${who}: ${words.vi}`, `Sender: ${who}: ${words.en}`),
    ...(agency === null ? [] : aliasLine(alias, agency.code)),
    ...delegates.map(({ code, name, isOpen, validFrom, validTo }) => {
      const days = `${validFrom} … ${validTo ?? ''}`.trimEnd()
      return line(
        `  ${name ?? code} (${code}) được gửi thay, ${days}${isOpen ? '' : '; nhưng đã đóng'}`,
        `  ${name ?? code} (${code}) may send for it, ${days}${isOpen ? '' : '; but it is closed'}`,
      )
    }),
  ]
}

type Answer<O extends RecipientAnswer['outcome']> = Extract<RecipientAnswer, { outcome: O }>

function recipientLines(asked: string, answer: RecipientAnswer): Words {
  switch (answer.outcome) {
    case 'agency':
      return narrateWay(answer.way, answer.alias)
    case 'group':
      return groupLines(answer)
    case 'unresolvable':
      return nowhereLines(asked, answer)
  }
}

function groupLines({
  alias,
  group,
  count,
  senderLeftOut,
  missing,
  ways,
  nextAfter,
}: Answer<'group'>): Words {
  return [
    line(
      `Nhóm nơi nhận: ${group.name} (${group.code}): ${count} cơ quan${senderLeftOut ? ', trừ nơi gửi' : ''}`,
      `Address group: ${group.name} (${group.code}): ${count} agencies${senderLeftOut ? ', without the sender' : ''}`,
    ),
    ...aliasLine(alias, group.code),
    ...missing.map(({ code, text }) =>
      line(`  ${code}: không gửi được: ${text.vi}`, `  ${code}: not sent: ${text.en}`),
    ),
    ...ways.flatMap(narrateMember),
    ...(nextAfter === null ? [] : [line('… còn nữa', '… and more')]),
  ]
}

function nowhereLines(asked: string, answer: Answer<'unresolvable'>): Words {
  const { alias, text, hops, last, closedOn, successor, meant } = answer
  const who = last === null ? asked : `${last.name} (${last.code})`
  return [
    line(
      `Nơi nhận: ${who}: KHÔNG GỬI ĐƯỢC: ${text.vi}${closedOn === null ? '' : ` (từ ${closedOn})`}`,
      `Recipient: ${who}: GOES NOWHERE: ${text.en}${closedOn === null ? '' : ` (since ${closedOn})`}`,
    ),
    ...(last === null ? [] : aliasLine(alias, hops[0]?.from.code ?? last.code)),
    ...hops.map(hopLine),
    ...(successor === null
      ? []
      : [
          line(
            `  nơi nhận đúng: ${successor.name} (${successor.code})`,
            `  the right addressee is ${successor.name} (${successor.code})`,
          ),
        ]),
    ...(meant === null
      ? []
      : [
          line(
            `  có thể là: ${meant.name} (${meant.code}); chỉ là gợi ý`,
            `  perhaps ${meant.name} (${meant.code}); a suggestion only`,
          ),
        ]),
  ]
}
