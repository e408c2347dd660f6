import type { Bilingual } from '../domain/bilingual.ts'
import { CHANNELS, ENDPOINT_CHANNEL_IDS } from '../domain/channel-id.ts'
import type { AliasForm, ContactPoint, EndpointValue } from '../domain/directory/fact.ts'
import type { AgencyRecord } from '../domain/directory/record.ts'
import type { WhenAddressed, WhenInFlight } from '../domain/directory/succession.ts'
import { joinList } from './list-cell.ts'
import { code, day, line, listOf, oneOf, spelling, tier, webAddress } from './readers.ts'
import { showSuccessors, successors } from './successors-cell.ts'
import type { Column } from './table.ts'

export const WHEN_ADDRESSED: Record<WhenAddressed, Bilingual> = {
  redirect: { vi: 'chuyển cho cơ quan kế thừa', en: 'goes to the successor' },
  bounce: { vi: 'từ chối', en: 'refused' },
}

export const WHEN_IN_FLIGHT: Record<WhenInFlight, Bilingual> = {
  redirect: { vi: 'chuyển cho cơ quan kế thừa', en: 'goes to the successor' },
  keep: { vi: 'giữ trong hộp thư cũ', en: 'stays in the old inbox' },
  bounce: { vi: 'báo lỗi cho nơi gửi', en: 'fails, and the sender sees it' },
}

export const REACHES: Record<EndpointValue['reaches'], Bilingual> = {
  itself: { vi: 'chỉ cơ quan này', en: 'this agency only' },
  subtree: { vi: 'cả cấp dưới', en: 'also those beneath' },
}

const CHANNEL = oneOf(Object.fromEntries(ENDPOINT_CHANNEL_IDS.map((id) => [id, CHANNELS[id].label])))

interface AgencyColumn<K extends string> extends Column<K> {
  /** What stands in its cell. An agency has a row for its first contact point, and one more for each other. */
  readonly show: (agency: AgencyRecord) => string | null | undefined
  readonly showContact?: (contact: ContactPoint) => string | null
}

const column = <K extends string>(
  key: K,
  names: readonly [vi: string, en: string],
  helps: readonly [vi: string, en: string],
  rest: Omit<AgencyColumn<K>, 'key' | 'name' | 'help'>,
): AgencyColumn<K> => ({
  key,
  name: { vi: names[0], en: names[1] },
  help: { vi: helps[0], en: helps[1] },
  ...rest,
})

const aliases = (form: AliasForm) => ({
  reader: listOf(spelling, 100),
  show: (agency: AgencyRecord) => {
    const found = agency.aliases.filter((each) => each.form === form)
    return found.length === 0 ? undefined : joinList(found.map(({ alias }) => alias).sort())
  },
})

const contact = (most: number, showContact: (contact: ContactPoint) => string | null) => ({
  reader: line(most),
  show: () => undefined,
  showContact,
})

/** The directory as people fill it in: one agency a row. */
export const AGENCY_COLUMNS = [
  column(
    'code',
    ['Mã cơ quan', 'Code'],
    ['QĐ 20/2020/QĐ-TTg; luôn là văn bản, không phải số', 'QĐ 20/2020/QĐ-TTg; a text, never a number'],
    {
      reader: code,
      required: true,
      width: 24,
      show: (agency) => agency.code,
    },
  ),
  column(
    'on',
    ['Áp dụng từ ngày', 'Takes effect on'],
    [
      'Ngày thay đổi của dòng này; trống: ngày của cả tệp',
      'The day of the changes of this row; blank: that of the file',
    ],
    {
      reader: day,
      show: () => undefined,
    },
  ),
  column('name', ['Tên cơ quan', 'Name'], ['Tên đầy đủ', 'In full'], {
    reader: line(500),
    width: 50,
    show: ({ name }) => name,
  }),
  column(
    'tier',
    ['Cấp', 'Tier'],
    ['central, province, commune hoặc tên tiếng Việt', 'central, province, commune'],
    {
      reader: tier,
      show: (agency) => agency.tier,
    },
  ),
  column('parent', ['Cơ quan chủ quản', 'Parent'], ['Mã; trống: không có', 'Its code; blank: none'], {
    reader: code,
    show: ({ parent }) => parent,
  }),
  column(
    'validFrom',
    ['Hoạt động từ ngày', 'Open from'],
    [
      'Chỉ để thêm cơ quan mới; ngày đã ghi không sửa ở đây',
      'For new agencies; a day on record is not corrected here',
    ],
    {
      reader: day,
      show: ({ validFrom }) => validFrom,
    },
  ),
  column(
    'validTo',
    ['Kết thúc từ ngày', 'Closed from'],
    ['Ngày đầu tiên không còn hoạt động', 'The first day on which it is no more'],
    {
      reader: day,
      show: ({ validTo }) => validTo,
    },
  ),
  column(
    'successors',
    ['Cơ quan kế thừa', 'Successors'],
    [
      'Cơ quan chính trước; kèm loại văn bản nếu chia: H51.15; H51.16: Công văn',
      'The main one first; with kinds of document where they are shared out: H51.15; H51.16: Công văn',
    ],
    {
      reader: successors,
      show: ({ succession }) => (succession === null ? undefined : showSuccessors(succession)),
    },
  ),
  column(
    'whenAddressed',
    ['Văn bản ghi mã cũ', 'When addressed'],
    ['redirect hoặc bounce', 'redirect or bounce'],
    {
      reader: oneOf(WHEN_ADDRESSED),
      show: ({ succession }) => succession?.whenAddressed,
    },
  ),
  column(
    'whenInFlight',
    ['Văn bản đang chuyển', 'When in flight'],
    ['redirect, keep hoặc bounce', 'redirect, keep or bounce'],
    {
      reader: oneOf(WHEN_IN_FLIGHT),
      show: ({ succession }) => succession?.whenInFlight,
    },
  ),
  column('basis', ['Căn cứ', 'Legal basis'], ['Như 202/2025/QH15', 'Such as 202/2025/QH15'], {
    reader: line(200),
    show: ({ succession }) => succession?.basis,
  }),
  column(
    'aliasesQcvn',
    ['Mã QCVN 102', 'QCVN 102 codes'],
    [
      'Mã 13 ký tự như 000.00.15.H51; cách nhau bằng dấu chấm phẩy',
      '13 characters, such as 000.00.15.H51; between semicolons',
    ],
    aliases('qcvn-13'),
  ),
  column(
    'aliases102',
    ['code102', 'Codes 102'],
    ['Trường code102 của danh bạ quốc gia', 'The field code102 of the national directory'],
    aliases('code102'),
  ),
  column(
    'aliasesFree',
    ['Mã khác', 'Other codes'],
    ['Mã thử nghiệm, tên hệ thống', 'Test codes, names of systems'],
    aliases('free'),
  ),
  column(
    'channel',
    ['Kênh', 'Channel'],
    ['mailbox hoặc https-push; trống: mặc định', 'mailbox or https-push; blank: the default'],
    {
      reader: CHANNEL,
      show: ({ endpoint }) => endpoint?.channel,
    },
  ),
  column('url', ['Địa chỉ kết nối', 'Endpoint URL'], ['Khi kênh là https-push', 'With https-push'], {
    reader: webAddress,
    width: 40,
    show: ({ endpoint }) => endpoint?.url,
  }),
  column('reaches', ['Phạm vi kết nối', 'Endpoint reaches'], ['itself hoặc subtree', 'itself or subtree'], {
    reader: oneOf(REACHES),
    show: ({ endpoint }) => endpoint?.reaches,
  }),
  column(
    'contactRole',
    ['Đầu mối', 'Contact'],
    [
      'Vai trò, như văn thư; thêm dòng cùng mã cho đầu mối khác',
      'Its role, such as văn thư; another row with the same code for another one',
    ],
    contact(100, ({ role }) => role),
  ),
  column(
    'contactName',
    ['Người liên hệ', 'Contact name'],
    ['Họ tên', 'In full'],
    contact(200, ({ name }) => name),
  ),
  column(
    'contactPhone',
    ['Điện thoại', 'Phone'],
    ['Văn bản, không phải số', 'A text, not a number'],
    contact(100, ({ phone }) => phone),
  ),
  column(
    'contactEmail',
    ['Thư điện tử', 'E-mail'],
    ['Của đầu mối', 'Of the contact'],
    contact(254, ({ email }) => email),
  ),
  column(
    'contactAddress',
    ['Địa chỉ', 'Address'],
    ['Của đầu mối', 'Of the contact'],
    contact(500, ({ address }) => address),
  ),
] as const

export type AgencyColumnKey = (typeof AGENCY_COLUMNS)[number]['key']
