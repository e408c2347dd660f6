/** A part of a text, from its first character up to, and not, its end. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface XmlSpans {
  /** Whole elements, tags and all. */
  readonly elements: readonly Span[]
  /** Start tags and empty-element tags. */
  readonly tags: readonly Span[]
  /** Character data between tags that is not blank. */
  readonly texts: readonly Span[]
}

/** Where the parts of a well-formed text without comments and CDATA stand: enough to cut it up by. */
export function spansOf(text: string): XmlSpans {
  const elements: Span[] = []
  const tags: Span[] = []
  const texts: Span[] = []
  const open: number[] = []
  let last = 0
  for (const { 0: tag, index } of text.matchAll(/<[^>]+>/g)) {
    const end = index + tag.length
    if (open.length > 0 && text.slice(last, index).trim() !== '') texts.push({ start: last, end: index })
    last = end
    if (tag.startsWith('<?') || tag.startsWith('<!')) continue
    if (tag.startsWith('</')) {
      const start = open.pop()
      if (start !== undefined) elements.push({ start, end })
      continue
    }
    tags.push({ start: index, end })
    if (tag.endsWith('/>')) elements.push({ start: index, end })
    else open.push(index)
  }
  return { elements, tags, texts }
}
