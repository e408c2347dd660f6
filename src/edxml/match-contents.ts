import type { AttachmentContent } from './cut-attachments.ts'
import { childrenOf, type Element } from './element.ts'
import { CONTENT_PATH } from './names.ts'
import { refusal } from './refuse.ts'
import type { Cut, Skeleton } from './skeleton.ts'

export interface MatchedContent {
  /** Whether something other than its closing tag follows its text. */
  readonly mixed: boolean
  readonly content: AttachmentContent
}

/**
 * Joins what the lexer cut out with the elements that libxml2 sees: in the same order, each placeholder alone in its
 * place, none left over. Where the two disagree about what the packet says, nobody can say what it says.
 * @throws GatewayError `packet-refused`
 */
export function matchContents(
  root: Element,
  skeleton: Skeleton,
  contents: readonly AttachmentContent[],
): ReadonlyMap<Element, MatchedContent> {
  const matched = new Map<Element, MatchedContent>()
  for (const element of contentElements(root)) {
    const cut = skeleton.cuts[matched.size]
    const content = contents[matched.size]
    const expected = cut?.placeholder.trim()
    if (
      cut !== undefined &&
      content !== undefined &&
      expected !== undefined &&
      standsIn(element, expected, cut)
    ) {
      matched.set(element, { mixed: cut.mixed, content })
    } else if (element.text !== '') {
      throw refusal('packet-refused', 'parsers-disagree', { line: element.line })
    }
  }
  if (matched.size !== skeleton.cuts.length) {
    throw refusal('packet-refused', 'parsers-disagree', { line: skeleton.cuts[matched.size]!.line })
  }
  return matched
}

const standsIn = (element: Element, placeholder: string, cut: Cut): boolean =>
  cut.mixed ? element.text.startsWith(placeholder) : element.text === placeholder

function contentElements(root: Element): readonly Element[] {
  const [rootName, ...names] = CONTENT_PATH
  if (root.name !== rootName) return []
  return names.reduce<readonly Element[]>(
    (found, name) => found.flatMap((element) => childrenOf(element, name)),
    [root],
  )
}
