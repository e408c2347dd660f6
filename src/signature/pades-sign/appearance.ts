import { vietnamIso } from '../../domain/vietnam-time.ts'
import type { PdfDict } from '../formats/pdf-syntax.ts'
import { fontObjects, glyphHex, lineWidth } from './font.ts'
import { imageObjects, type SealImage } from './image.ts'
import type { OpenPdf } from './open.ts'
import { asShown, asWritten, type Box, type Page, sizeShown, turnOf } from './page.ts'
import { unsealable } from './refusal.ts'
import { dict, flateStream, type NewObject, reference } from './write.ts'

/*
 * How the signature of an agency shows (Nghị định 30/2020/NĐ-CP, appendix I, part II item 8 and part III): on the main
 * document the image of its seal; on an annex in a file of its own, and on a copy, text in the upper right corner of the
 * first page.
 */
export type Appearance =
  | {
      readonly kind: 'seal'
      readonly image: SealImage
      /** Millimetres, as the seal itself is wide. */
      readonly widthMm: number
      /** Centre of the seal on a page (1 is the first), in millimetres from the left and the top as it is shown. */
      readonly position?: { readonly page: number; readonly xMm: number; readonly yMm: number }
    }
  /** Number and notation of the main document. */
  | { readonly kind: 'annex'; readonly notation: string }
  /** The kind of copy, such as SAO Y, and the agency that makes it. */
  | { readonly kind: 'copy'; readonly form: string; readonly agency: string }
  | { readonly kind: 'invisible' }

/** A drawn appearance: where the widget stands, what it draws, and the objects for that. */
export interface Drawn {
  readonly page: Page
  readonly box: Box
  /** The form XObject that is drawn; none where nothing shows. */
  readonly form: number | undefined
  readonly objects: readonly NewObject[]
}

const FONT_SIZE = 10
const LEADING = 12
const RIGHT_MARGIN_MM = 15
const TOP_MARGIN_MM = 10
/** Less than half of A4: what stands to the left stays free. */
const MOST_WIDTH_MM = 80

/** `dd-mm-yyyy hh:mm:ss +07:00`: time in Vietnam with its zone as ISO 8601 writes it. */
export function signingTimeText(time: Date): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T(.{8})/.exec(vietnamIso(time))!
  return `${day}-${month}-${year} ${clock} +07:00`
}

/** @throws GatewayError `pdf-unsealable` where there is no place for it, or it cannot be written */
export async function draw(
  pdf: OpenPdf,
  appearance: Appearance,
  time: Date,
  next: () => number,
): Promise<Drawn> {
  switch (appearance.kind) {
    case 'seal':
      return drawSeal(pdf, appearance, next)
    case 'annex':
      return drawLines(pdf, [appearance.notation, signingTimeText(time)], next)
    case 'copy':
      return drawLines(pdf, [appearance.form, appearance.agency, signingTimeText(time)], next)
    case 'invisible':
      return { page: await pdf.page(1), box: [0, 0, 0, 0], form: undefined, objects: [] }
  }
}

async function drawSeal(
  pdf: OpenPdf,
  { image, widthMm, position }: Extract<Appearance, { kind: 'seal' }>,
  next: () => number,
): Promise<Drawn> {
  const { page, centreOf } = await placeOf(pdf, position)
  const width = widthMm * page.unitsPerMm
  const height = (width * image.height) / image.width
  const [u, v] = centreOf(width)
  const shown: Box = [u - width / 2, v - height / 2, u + width / 2, v + height / 2]
  refuseOffPage(page, shown)
  const drawn = imageObjects(image, next)
  const content = `q ${width} 0 0 ${height} 0 0 cm /Im0 Do Q`
  const resources = dict({ XObject: dict({ Im0: reference(drawn.image) }) })
  return finish(page, shown, content, resources, drawn.objects, next)
}

/** The page, and the centre of a seal of some width on it, as shown. */
async function placeOf(pdf: OpenPdf, position: Extract<Appearance, { kind: 'seal' }>['position']) {
  if (position !== undefined) {
    const page = await pdf.page(position.page)
    const [x, y] = [position.xMm * page.unitsPerMm, position.yMm * page.unitsPerMm]
    return { page, centreOf: () => [x, sizeShown(page)[1] - y] as const }
  }
  const last = await pdf.lastVisible()
  if (last === undefined) throw unsealable('nothing-to-cover')
  const [left, bottom, right, top] = asShown(last.page, last.box)
  // Over a third of the person's signature, from its left.
  const edge = left + (right - left) / 3
  return { page: last.page, centreOf: (width: number) => [edge - width / 2, (bottom + top) / 2] as const }
}

async function drawLines(pdf: OpenPdf, texts: readonly string[], next: () => number): Promise<Drawn> {
  const page = await pdf.page(1)
  const lines = texts.flatMap(broken)
  const [pageWidth, pageHeight] = sizeShown(page)
  const unit = (page.unitsPerMm * 25.4) / 72
  const size = FONT_SIZE * unit
  const widths = lines.map((line) => (lineWidth(line) * size) / 1000)
  const width = Math.max(...widths)
  const height = lines.length * LEADING * unit
  const right = pageWidth - RIGHT_MARGIN_MM * page.unitsPerMm
  const top = pageHeight - TOP_MARGIN_MM * page.unitsPerMm
  const shown: Box = [right - width, top - height, right, top]
  refuseOffPage(page, shown)
  const font = fontObjects(lines, next)
  const shows = lines.map((line, index) => {
    const y = height - (index + 0.8) * LEADING * unit
    return `1 0 0 1 ${fixed(width - widths[index]!)} ${fixed(y)} Tm ${glyphHex(line)} Tj`
  })
  const content = `BT 0 g /F0 ${fixed(size)} Tf ${shows.join(' ')} ET`
  return finish(page, shown, content, dict({ Font: dict({ F0: reference(font.font) }) }), font.objects, next)
}

/** A text in lines of at most `MOST_WIDTH_MM`, broken between words; a longer word stands by itself. */
function broken(text: string): string[] {
  const most = (MOST_WIDTH_MM * 72 * 1000) / 25.4 / FONT_SIZE
  const lines: string[] = []
  for (const word of text.split(/ +/)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && lineWidth(longer) <= most) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

const fixed = (value: number): string => value.toFixed(3)

function finish(
  page: Page,
  shown: Box,
  content: string,
  resources: PdfDict,
  objects: readonly NewObject[],
  next: () => number,
): Drawn {
  const form = next()
  const entries = {
    Type: '/XObject',
    Subtype: '/Form',
    BBox: [0, 0, shown[2] - shown[0], shown[3] - shown[1]],
    Matrix: turnOf(page).matrix,
    Resources: resources,
  }
  const drawing = flateStream(form, entries, Buffer.from(content, 'latin1'))
  return { page, box: asWritten(page, shown), form, objects: [...objects, drawing] }
}

function refuseOffPage(page: Page, [left, bottom, right, top]: Box): void {
  const [width, height] = sizeShown(page)
  if (left < 0 || bottom < 0 || right > width || top > height) throw unsealable('position-off-page')
}
