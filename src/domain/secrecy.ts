/**
 * State secrets may not travel here (QĐ 28/2018/QĐ-TTg art. 1.2; Law 29/2018/QH14 art. 5; NĐ 30/2020 art. 18.2).
 * edXML has no field for the degree of secrecy, so the mark is looked for where clerks put it. Where it is in doubt
 * whether capitals are a stamp or a word, they are a stamp: a refused document can be sent again in small letters, a
 * secret that was let through cannot be called back.
 */
export type SecrecyMark = 'MẬT' | 'TỐI MẬT' | 'TUYỆT MẬT'

export interface SecrecyFinding {
  readonly mark: SecrecyMark
  readonly where: 'subject' | 'notation' | 'file-name' | 'text-layer'
}

/** Composed letters, single ordinary spaces, and none of the invisible characters that come with copied text. */
const tidy = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')

/** Matches a text in capitals, small letters or any mixture; a space stands for any gap, also none. */
const anyCase = (text: string): string =>
  Array.from(text, (letter) =>
    letter === ' ' ? '[ _-]*' : `[${letter.toLowerCase()}${letter.toUpperCase()}]`,
  ).join('')

const choice = (...texts: string[]): string => `(?:${texts.join('|')})`

const NOT_IN_WORD = String.raw`(?<![\p{L}\p{N}])`
const WORD_ENDS = String.raw`(?![\p{L}\p{N}])`
const MARK = choice(...['tuyệt mật', 'tối mật', 'mật'].map(anyCase))
const URGENCY = choice(
  ...['hỏa tốc hẹn giờ', 'hoả tốc hẹn giờ', 'hỏa tốc', 'hoả tốc', 'thượng khẩn', 'khẩn'].map(anyCase),
)
const OF_WHAT = choice(
  ...[
    'độ',
    'mức độ',
    'độ mật',
    'mức độ mật',
    'dấu',
    'văn bản',
    'tài liệu',
    'hồ sơ',
    'công văn',
    'báo cáo',
  ].map(anyCase),
)
const GAP = '[ ,;.:/+–—-]+'
const URGENCIES_BEFORE = `(?:${URGENCY}${GAP})*`
const URGENCIES_AFTER = `(?:${GAP}${URGENCY})*`
/** A dash that joins syllables (`mật-mã`) sets nothing apart. */
const APART = String.raw`(?: *[:.|/–—]| *-(?!\p{Ll}))`

const pattern = (...parts: string[]): RegExp => new RegExp(parts.join(''), 'u')

/** `(Mật)`, `[Độ mật: Tối mật]`, `(Hỏa tốc - Mật)`: alone in brackets, in whatever letters. */
const IN_BRACKETS = pattern(
  `[([{<] *(?:${OF_WHAT} *:? *)?`,
  URGENCIES_BEFORE,
  `(${MARK})`,
  URGENCIES_AFTER,
  String.raw` *[)\]}>]`,
)
/** `Mật: Báo cáo …`, `HỎA TỐC - MẬT - …`: in front, set apart. */
const IN_FRONT = pattern('^ *', URGENCIES_BEFORE, `(${MARK})`, URGENCIES_AFTER, APART)
/** `… quý III - Mật`: at the end, set apart; but not `Tiêu hóa - Gan - Mật`, nor `bí-mật`. */
const AT_END = pattern(
  `(?<!${choice(...['gan', 'tụy', 'tuỵ', 'bí', 'bảo'].map(anyCase))} *)[|/;.–—-] *`,
  `(${MARK})`,
  URGENCIES_AFTER,
  '[ .]*$',
)
/** `Độ mật: Mật`, `Mức độ: Tối mật`. */
const LABELLED = pattern(
  `${NOT_IN_WORD}(?:${anyCase('mức')} +)?${anyCase('độ')}(?: +${anyCase('mật')} *[:=–—-]| *:) *`,
  `(${MARK})${WORD_ENDS}`,
)
/** What the stamps on an envelope say instead (TT 24/2020/TT-BCA). */
const LETTER = pattern(`${NOT_IN_WORD}${anyCase('độ')} +${anyCase('mật')} *[:=] *([ABC])${WORD_ENDS}`)
const LETTERS: Record<string, SecrecyMark> = { A: 'TUYỆT MẬT', B: 'TỐI MẬT', C: 'MẬT' }

/** The two higher degrees have no other meaning in capitals. */
const HIGHER_IN_CAPITALS = pattern(`${NOT_IN_WORD}(TUYỆT[ _-]*MẬT|TỐI[ _-]*MẬT)${WORD_ENDS}`)
// Everyday words that are made of it. Words that end or begin many others (`DỊCH`, `ĐƯỜNG`, `DANH`) are left out.
const BEFORE = choice(
  'BẢO|BÍ|CẨN|NGHIÊM|TRĂNG|ONG|SỎI|TÚI|CHUỐI|MÍT|RỈ',
  '(?:GAN|TỤY|TUỴ)(?: –)?',
  '(?:ĐỊNH|DẤU|CÁC|MỨC|ĐỔI|GIẢM|TĂNG|HẠN) +ĐỘ',
)
const AFTER = choice('ONG', 'MÍA', 'GẤU', 'KHẨU', 'MÃ(?! +(?:SỐ|HIỆU))', 'ĐỘ(?! +KHẨN)')
/** The word in capitals, unless an everyday word is made of it: `BẢO MẬT`, `MẬT ONG`, `XÁC ĐỊNH ĐỘ MẬT`. */
const IN_CAPITALS = pattern(
  `(?<!${NOT_IN_WORD}${BEFORE}[ -]+)`,
  `${NOT_IN_WORD}(MẬT)${WORD_ENDS}`,
  `(?! +${AFTER}${WORD_ENDS})`,
)

/** Typed without diacritics, `MAT` may be many words; only what is set apart counts. */
const PLAIN_HIGHER = /(?<![A-Za-z0-9])(TUYET[ _-]*MAT|TOI[ _-]*MAT)(?![A-Za-z0-9])/
const PLAIN_APART = /[([{] *(mat)(?= *[)\]}])|^ *(mat) *[:|]|^ *(mat) +- |\bdo +mat *: *(mat)\b/i

const markOf = (found: string): SecrecyMark => {
  const letters = found.toUpperCase()
  if (letters.startsWith('TUY')) return 'TUYỆT MẬT'
  return letters.startsWith('T') ? 'TỐI MẬT' : 'MẬT'
}

function markIn(text: string): SecrecyMark | undefined {
  for (const each of [
    HIGHER_IN_CAPITALS,
    IN_BRACKETS,
    IN_FRONT,
    AT_END,
    LABELLED,
    IN_CAPITALS,
    PLAIN_HIGHER,
  ]) {
    const found = each.exec(text)?.[1]
    if (found !== undefined) return markOf(found)
  }
  const letter = LETTER.exec(text)?.[1]
  if (letter !== undefined) return LETTERS[letter]
  return PLAIN_APART.test(text) && !/[^\p{ASCII}]/u.test(text) ? 'MẬT' : undefined
}

/** Every mark holds this word: most texts need no closer look. */
const MAY_HOLD_MARK = /m\p{Cf}*(?:ậ|[aâạ]\p{M}*)\p{Cf}*t/iu

const findingOf = (
  mark: SecrecyMark | undefined,
  where: SecrecyFinding['where'],
): SecrecyFinding | undefined => (mark === undefined ? undefined : { mark, where })

export const secrecyInSubject = (subject: string): SecrecyFinding | undefined =>
  MAY_HOLD_MARK.test(subject) ? findingOf(markIn(tidy(subject)), 'subject') : undefined

/** `Báo cáo (Mật).pdf`, `BC_12_MẬT.docx`: the name of an attachment, judged like a subject. */
export const secrecyInFileName = (name: string): SecrecyFinding | undefined =>
  MAY_HOLD_MARK.test(name)
    ? findingOf(
        markIn(
          tidy(name)
            .replace(/\.[A-Za-z0-9]{1,5}$/, '')
            .replaceAll('_', ' '),
        ),
        'file-name',
      )
    : undefined

// `-TM` is no mark: it is the General Staff's (Bộ Tổng Tham mưu) own suffix.
const NOTATION_SUFFIX = pattern(
  '(?:^|[-/. (])(M|',
  choice(...['tuyệt mật', 'tối mật', 'mật'].map(anyCase)),
  String.raw`|(?:TUYET *|TOI *)?MAT)\)? *$`,
)

/** `12/BC-M`, `05/KH-UBND-MẬT`: the suffix of a notation marks its secrecy. */
export const secrecyInNotation = (notation: string): SecrecyFinding | undefined => {
  const suffix = NOTATION_SUFFIX.exec(tidy(notation))?.[1]
  return findingOf(suffix === undefined ? undefined : markOf(suffix), 'notation')
}

/** What stands at the head of a page, where a stamp may come to lie on the same line as read. */
const HEAD_OF_PAGE =
  /^(?:Số *:|CỘNG H|Độc lập|ĐỘC LẬP|BỘ |Bộ |ỦY BAN|UỶ BAN|UBND|SỞ |Sở |CÔNG AN|TỔNG CỤC|CỤC |VĂN PHÒNG|TỈNH |THÀNH PHỐ |XÃ |PHƯỜNG |CHÍNH PHỦ)/u
const STAMP_AT_EDGE =
  /^(?<front>TUYỆT MẬT|TỐI MẬT|MẬT) +(?<after>.+)$|^(?<before>.+?) +(?<end>TUYỆT MẬT|TỐI MẬT|MẬT)$/u
const STAMPS: Record<string, SecrecyMark> = { MẬT: 'MẬT', TỐIMẬT: 'TỐI MẬT', TUYỆTMẬT: 'TUYỆT MẬT' }

const LABELLED_LINE = pattern('^', LABELLED.source, '[ .]*$')

/** A stamp alone, also with its letters spaced out or framed. */
const stampAlone = (text: string): SecrecyMark | undefined => {
  const letters = text.replace(/[\p{P}\p{S}\p{Z}]/gu, '').replace(/^(?:ĐỘ|Độ|độ)(?:MẬT|Mật|mật)(?=.)/u, '')
  return Object.hasOwn(STAMPS, letters) ? STAMPS[letters] : undefined
}

function stampBesideHead(line: string): SecrecyMark | undefined {
  const { front, after, before, end } = STAMP_AT_EDGE.exec(line)?.groups ?? {}
  if (front !== undefined && HEAD_OF_PAGE.test(after ?? '')) return markOf(front)
  if (end === undefined || !HEAD_OF_PAGE.test(before ?? '') || /(?:^| )(?:BẢO|BÍ)$/u.test(before ?? ''))
    return undefined
  return markOf(end)
}

/** Every stamp holds this letter, composed or not: most lines need no closer look. */
const MAY_HOLD_STAMP = /\u1eac|\u1ead|\u0302|\u0323/u
/** Characters. A longer line is no line of a page, and expressions that try every beginning are not for megabytes. */
const LONGEST_LINE = 2_000
const isShort = (text: string): boolean => text.length <= LONGEST_LINE

/**
 * A stamp in the text layer of a page stands on a line of its own, or beside the head of the page. `lines` are the
 * lines of the page as read. Running text is not judged: it may speak of secrecy, and cannot be written otherwise.
 */
export function secrecyInTextLayer(lines: readonly string[]): SecrecyFinding | undefined {
  for (const raw of lines) {
    if (!MAY_HOLD_STAMP.test(raw)) continue
    const columns = raw
      .normalize('NFC')
      .replace(/\p{Cf}/gu, '')
      .split(/\t|\s{3,}|\|/u)
    const line = isShort(raw) ? tidy(raw).trim() : ''
    const mark =
      [line, ...columns.filter(isShort)].map(stampAlone).find((each) => each !== undefined) ??
      stampBesideHead(line) ??
      labelled(line)
    if (mark !== undefined) return { mark, where: 'text-layer' }
  }
  return undefined
}

const labelled = (line: string): SecrecyMark | undefined => {
  const found = LABELLED_LINE.exec(line)?.[1]
  return found === undefined ? undefined : markOf(found)
}
