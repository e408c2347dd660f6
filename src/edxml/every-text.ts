import type { Element } from './element.ts'
import { CONTENT_PATH } from './names.ts'

export interface PlacedText {
  /** XPath of local names, such as `/edXML/edXMLEnvelope/…/To[2]/OrganName`, or `…/Reference/@href`. */
  readonly path: string
  readonly text: string
}

const CONTENT = `/${CONTENT_PATH.join('/')}`

/**
 * Every text and attribute value of a packet, of known and unknown elements alike, in the order of the packet; not the
 * content of attachments. What is looked for in all that a person may be shown is looked for here.
 */
export function everyText(root: Element): PlacedText[] {
  const found: PlacedText[] = []
  collect(root, `/${root.name}`, found)
  return found
}

const isContent = ({ name }: Element, path: string): boolean =>
  name === CONTENT_PATH.at(-1) && path.replace(/\[\d+\]/g, '') === CONTENT

function collect(element: Element, path: string, found: PlacedText[]): void {
  if (element.text !== '' && !isContent(element, path)) found.push({ path, text: element.text })
  for (const { name, value } of element.attributes) {
    if (value !== '') found.push({ path: `${path}/@${name}`, text: value })
  }
  // Positions are counted once for all children: asking each for its own would cost the square of their number.
  const siblings = new Map<string, number>()
  for (const { name } of element.children) siblings.set(name, (siblings.get(name) ?? 0) + 1)
  const seen = new Map<string, number>()
  for (const child of element.children) {
    const position = (seen.get(child.name) ?? 0) + 1
    seen.set(child.name, position)
    const shown = siblings.get(child.name) === 1 ? '' : `[${position}]`
    collect(child, `${path}/${child.name}${shown}`, found)
  }
}
