import type { XmlNode } from '../../xml/nodes.ts'
import { stringOf } from './xpath-axes.ts'
import { XPathError } from './xpath-parse.ts'

export type Value = string | number | boolean | readonly XmlNode[]

/** What an expression is evaluated in, besides the node. */
export interface Surroundings {
  /** Namespaces of the prefixes in the expression. */
  readonly namespaces: ReadonlyMap<string, string>
  /** The elements of an Id. */
  readonly byId: (id: string) => readonly XmlNode[]
  /** The element that bears the expression, where it stands in the document that is asked (XML-Signature 1.1 §6.6.3). */
  readonly here?: XmlNode | undefined
  /** Called with every count of nodes visited. @throws to end a costly evaluation */
  readonly charge: (nodes: number) => void
}

export interface Context {
  readonly node: XmlNode
  readonly position: number
  readonly size: number
  readonly around: Surroundings
}

export function toNodes(value: Value): readonly XmlNode[] {
  if (typeof value !== 'object') throw new XPathError('a set of nodes is wanted')
  return value
}

export function toBoolean(value: Value): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value)
}

export function toText(value: Value): string {
  if (typeof value === 'object') return value[0] === undefined ? '' : stringOf(value[0])
  return typeof value === 'number' && Object.is(value, -0) ? '0' : String(value)
}

export function toNumber(value: Value): number {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number') return value
  const text = toText(value).replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  return /^-?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN
}

/** The string value of a node, paid for by its length. */
export function chargedText(node: XmlNode, { around }: Context): string {
  const text = stringOf(node)
  around.charge(1 + text.length / 64)
  return text
}
