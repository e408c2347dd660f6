/** An attribute; declarations of namespaces are none. */
export interface Attribute {
  /** Local name. */
  readonly name: string
  readonly value: string
}

/** One element of a packet: all that its readers and checks look at, free of the parser's own memory. */
export interface Element {
  /** Local name: prefixes say nothing. */
  readonly name: string
  readonly namespace: string
  /** 1-based line of the received packet. */
  readonly line: number
  /** Its own text, trimmed. */
  readonly text: string
  readonly attributes: readonly Attribute[]
  /** Whether a comment stands beside its text. */
  readonly interrupted: boolean
  readonly parent: Element | null
  readonly children: readonly Element[]
}

export const childrenOf = (element: Element | undefined, name: string): readonly Element[] =>
  element?.children.filter((child) => child.name === name) ?? []

export function childOf(element: Element | undefined, name: string): Element | undefined {
  if (element === undefined) return undefined
  for (const child of element.children) if (child.name === name) return child
  return undefined
}

/** The first element down this way of local names. */
export const descend = (element: Element | undefined, ...names: string[]): Element | undefined =>
  names.reduce(childOf, element)

/** The text of a child; undefined where it is absent or empty. */
export const textOf = (element: Element | undefined, name: string): string | undefined =>
  childOf(element, name)?.text || undefined

/** XPath of local names, with a position where siblings share the name. */
export function pathOf(element: Element): string {
  const same = element.parent === null ? [element] : childrenOf(element.parent, element.name)
  const position = same.length > 1 ? `[${same.indexOf(element) + 1}]` : ''
  return `${element.parent === null ? '' : pathOf(element.parent)}/${element.name}${position}`
}
