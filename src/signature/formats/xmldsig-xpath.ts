import { childElements, type XmlElementNode } from '../../xml/nodes.ts'
import { scopeOfExpression } from './xmldsig-scope.ts'
import { DSIG, isDsig } from './xmldsig-tree.ts'
import { stringOf } from './xpath-axes.ts'
import { type Expression, parseXPath, XPathError } from './xpath-parse.ts'

/** What an XPath transform leaves out, for the expressions whose meaning is known. */
type Meaning = 'every-signature' | 'own-signature'

/** The expressions that say what enveloped-signature says; the second is that of XML-Signature 1.1 §6.6.4. */
const KNOWN: readonly (readonly [string, Meaning])[] = [
  ['not(ancestor-or-self::d:Signature)', 'every-signature'],
  [
    'count(ancestor-or-self::d:Signature | here()/ancestor::d:Signature[1]) > count(ancestor-or-self::d:Signature)',
    'own-signature',
  ],
]

const MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  KNOWN.map(([text, meaning]) => [written(parseXPath(text), new Map([['d', DSIG]])), meaning]),
)

/** The meaning of the expression in a Transform element; undefined where it is any other, which is refused. */
export function xpathMeaning(transform: XmlElementNode): Meaning | undefined {
  const [element, ...more] = childElements(transform)
  if (element === undefined || more.length > 0 || !isDsig(element, 'XPath')) return undefined
  try {
    return MEANINGS.get(written(parseXPath(stringOf(element)), scopeOfExpression(element)))
  } catch (error) {
    if (error instanceof XPathError) return undefined
    throw error
  }
}

/** One spelling of an expression, with namespaces in the place of prefixes. */
function written(expression: Expression, scope: ReadonlyMap<string, string>): string {
  return JSON.stringify(expression, (key, value: unknown) =>
    key === 'prefix' && typeof value === 'string' ? (scope.get(value) ?? '?') : value,
  )
}
