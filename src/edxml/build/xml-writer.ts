import type { Fault } from '../../domain/fault.ts'
import { fault } from '../fault-catalogue.ts'

/**
 * One element to be written. Names carry their prefix literally: receivers of the axis compare prefixes, so no
 * serialiser may add or drop one.
 */
export interface XmlNode {
  readonly name: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly content: string | readonly XmlNode[]
}

type Value = string | number | undefined

/** An element with text; none where there is nothing to say. */
export function leaf(name: string, value: Value): XmlNode[] {
  const content = value === undefined ? '' : String(value).replace(/\r\n?/g, '\n').trim()
  return content === '' ? [] : [{ name, content }]
}

/** An element with children; none where it would be empty. */
export const branch = (name: string, ...children: readonly (readonly XmlNode[])[]): XmlNode[] => {
  const content = children.flat()
  return content.length === 0 ? [] : [{ name, content }]
}

// Char of XML 1.0 §2.2; with the flag `u` a lone surrogate matches \p{Cs}.
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u

/** Every text that XML cannot carry. */
export function forbiddenCharacters(node: XmlNode, path = ''): Fault[] {
  const here = `${path}/${node.name.replace(/^.*:/, '')}`
  if (typeof node.content !== 'string')
    return node.content.flatMap((child) => forbiddenCharacters(child, here))
  const found = FORBIDDEN.exec(node.content)?.[0]
  if (found === undefined) return []
  const shown = `U+${found.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
  return [fault('character-forbidden', { path: here, found: shown })]
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeText = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character]!)

export function startTag({ name, attributes = {} }: Omit<XmlNode, 'content'>): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeText(value)}"`)
  return `<${name}${written.join('')}>`
}

/** The element as text, each one on a line of its own. */
export function renderXml(node: XmlNode, indent = ''): string {
  const start = `${indent}${startTag(node)}`
  if (typeof node.content === 'string') return `${start}${escapeText(node.content)}</${node.name}>\n`
  const children = node.content.map((child) => renderXml(child, `${indent}  `))
  return `${start}\n${children.join('')}${indent}</${node.name}>\n`
}
