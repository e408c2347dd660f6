import type { XmlNode } from '../../xml/nodes.ts'
import { inOrder, nameOf, stringOf } from './xpath-axes.ts'
import { XPathError } from './xpath-parse.ts'
import {
  type Context,
  chargedText,
  toBoolean,
  toNodes,
  toNumber,
  toText,
  type Value,
} from './xpath-values.ts'

type Call = (args: readonly Value[], context: Context) => Value

/** A function with its number of arguments, from `least` to `most`. */
const taking =
  (least: number, most: number, call: Call): Call =>
  (args, context) => {
    if (args.length < least || args.length > most) throw new XPathError('number of arguments')
    return call(args, context)
  }

const ofNode = (pick: (node: XmlNode) => string): Call =>
  taking(0, 1, ([nodes], { node }) => {
    const first = nodes === undefined ? node : toNodes(nodes)[0]
    return first === undefined ? '' : pick(first)
  })

function text([value]: readonly Value[], context: Context): string {
  if (value === undefined) return chargedText(context.node, context)
  if (typeof value !== 'object') return toText(value)
  return value[0] === undefined ? '' : chargedText(value[0], context)
}

function byId([value]: readonly Value[], { around }: Context): Value {
  const texts = typeof value === 'object' ? value.map(stringOf) : [toText(value!)]
  const ids = texts.flatMap((one) => one.split(/\s+/)).filter((id) => id !== '')
  return inOrder(ids.flatMap((id) => around.byId(id)))
}

function here(_: readonly Value[], { around }: Context): Value {
  if (around.here === undefined) throw new XPathError('here() in another document')
  return [around.here]
}

/** The functions of XPath 1.0 §4 that filters use, and that of XML-Signature. */
export const FUNCTIONS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['position', taking(0, 0, (_, { position }) => position)],
  ['last', taking(0, 0, (_, { size }) => size)],
  ['count', taking(1, 1, ([nodes]) => toNodes(nodes!).length)],
  ['id', taking(1, 1, byId)],
  ['here', taking(0, 0, here)],
  ['name', ofNode((node) => nameOf(node).name)],
  ['local-name', ofNode((node) => nameOf(node).local)],
  ['namespace-uri', ofNode((node) => nameOf(node).uri)],
  ['string', taking(0, 1, text)],
  ['string-length', taking(0, 1, (args, context) => [...text(args, context)].length)],
  [
    'normalize-space',
    taking(0, 1, (args, context) =>
      text(args, context)
        .replace(/[ \t\r\n]+/g, ' ')
        .replace(/^ | $/g, ''),
    ),
  ],
  ['concat', taking(2, 100, (args, context) => args.map((one) => text([one], context)).join(''))],
  ['starts-with', taking(2, 2, ([a, b], context) => text([a!], context).startsWith(text([b!], context)))],
  ['contains', taking(2, 2, ([a, b], context) => text([a!], context).includes(text([b!], context)))],
  ['boolean', taking(1, 1, ([value]) => toBoolean(value!))],
  ['not', taking(1, 1, ([value]) => !toBoolean(value!))],
  ['true', taking(0, 0, () => true)],
  ['false', taking(0, 0, () => false)],
  ['number', taking(0, 1, ([value], { node }) => toNumber(value ?? stringOf(node)))],
])
