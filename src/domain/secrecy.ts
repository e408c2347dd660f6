/**
 * State secrets may not travel here (QĐ 28/2018/QĐ-TTg art. 1.2; Law 29/2018/QH14 art. 5; NĐ 30/2020 art. 18.2).
 * edXML has no field for the degree of secrecy, so the mark is looked for where clerks put it.
 */
export type SecrecyMark = 'MẬT' | 'TỐI MẬT' | 'TUYỆT MẬT'

export interface SecrecyFinding {
  readonly mark: SecrecyMark
  readonly where: 'subject' | 'notation' | 'text-layer'
}

// A stamp stands in capitals. "bảo mật", "Bảo mật", "BẢO MẬT", "bí mật" are everyday words and no marks.
const DEGREE = /(?<![\p{L}\p{N}])(TUYỆT\s+MẬT|TỐI\s+MẬT)(?![\p{L}\p{N}])/u
const BRACKETED_OR_LEADING = /(?:^\s*(?:ĐỘ\s+MẬT\s*:?\s*)?|[([{:–-]\s*)(MẬT)\s*(?:$|[)\]}:.,;–-])/u
const STAMP_LINE = /^\s*(?:(?:ĐỘ\s+MẬT|Độ\s+mật)\s*:?\s*)?[([]?\s*(MẬT|TỐI\s+MẬT|TUYỆT\s+MẬT)\s*[)\]]?\s*$/u
// `-TM` is no mark: it is the General Staff's (Bộ Tổng Tham mưu) own suffix.
const NOTATION_SUFFIX = /(?:^|[-/.\s(])(M|MẬT|TỐI\s*MẬT|TUYỆT\s*MẬT)\)?\s*$/u

const normalise = (mark: string): SecrecyMark => mark.normalize('NFC').replace(/\s+/g, ' ') as SecrecyMark

export function secrecyInSubject(subject: string): SecrecyFinding | undefined {
  const text = subject.normalize('NFC')
  const mark = DEGREE.exec(text)?.[1] ?? BRACKETED_OR_LEADING.exec(text)?.[1]
  return mark === undefined ? undefined : { mark: normalise(mark), where: 'subject' }
}

/** `12/BC-M`, `05/KH-UBND-MẬT`: the suffix of a notation marks its secrecy. */
export function secrecyInNotation(notation: string): SecrecyFinding | undefined {
  const suffix = NOTATION_SUFFIX.exec(notation.normalize('NFC'))?.[1]
  if (suffix === undefined) return undefined
  const mark = suffix.startsWith('TUYỆT') ? 'TUYỆT MẬT' : suffix.startsWith('TỐI') ? 'TỐI MẬT' : 'MẬT'
  return { mark, where: 'notation' }
}

/** A stamp in the text layer of a page stands on a line of its own. `lines` are the lines of the page as read. */
export function secrecyInTextLayer(lines: readonly string[]): SecrecyFinding | undefined {
  for (const line of lines) {
    const mark = STAMP_LINE.exec(line.normalize('NFC'))?.[1]
    if (mark !== undefined) return { mark: normalise(mark), where: 'text-layer' }
  }
  return undefined
}
