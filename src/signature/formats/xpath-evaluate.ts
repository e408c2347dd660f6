import type { XmlNode } from '../../xml/nodes.ts'
import { AXIS, inOrder, passes } from './xpath-axes.ts'
import { FUNCTIONS } from './xpath-functions.ts'
import { type Expression, type Step, XPathError } from './xpath-parse.ts'
import { type Context, chargedText, toBoolean, toNodes, toNumber, type Value } from './xpath-values.ts'

/**
 * Evaluates an expression of XPath 1.0 at a node.
 * @throws XPathError where types do not fit or a function is not known; whatever `charge` throws
 */
export function evaluate(expression: Expression, context: Context): Value {
  // A predicate of many parts is paid for at each node, though it visits none.
  context.around.charge(0.25)
  switch (expression.op) {
    case 'literal':
      return expression.value
    case 'negate':
      return -toNumber(evaluate(expression.of, context))
    case 'call': {
      const call = FUNCTIONS.get(expression.name)
      if (call === undefined) throw new XPathError(`function ${expression.name}`)
      return call(
        expression.args.map((one) => evaluate(one, context)),
        context,
      )
    }
    case 'filter':
      return expression.predicates.reduce<readonly XmlNode[]>(
        (nodes, predicate) => filtered(nodes, predicate, context),
        toNodes(evaluate(expression.of, context)),
      )
    case 'path':
      return path(expression, context)
    case 'binary':
      return binary(expression, context)
  }
}

function path({ from, steps }: Extract<Expression, { op: 'path' }>, context: Context): readonly XmlNode[] {
  let nodes: readonly XmlNode[]
  if (from === 'context') nodes = [context.node]
  else if (from === 'root') nodes = [rootOf(context.node)]
  else nodes = toNodes(evaluate(from, context))
  for (const step of steps) nodes = take(nodes, step, context)
  return nodes
}

function rootOf(node: XmlNode): XmlNode {
  let top = node
  while (top.parent !== null) top = top.parent
  return top
}

function take(nodes: readonly XmlNode[], step: Step, context: Context): readonly XmlNode[] {
  const { namespaces, charge } = context.around
  const uriOf = (prefix: string): string => {
    const uri = namespaces.get(prefix)
    if (uri === undefined) throw new XPathError(`prefix ${prefix}`)
    return uri
  }
  const found: XmlNode[] = []
  for (const node of nodes) {
    let visited = 1
    let kept: readonly XmlNode[] = []
    const passed: XmlNode[] = []
    for (const one of AXIS[step.axis](node)) {
      visited++
      if (passes(one, step.test, step.axis, uriOf)) passed.push(one)
    }
    charge(visited)
    kept = passed
    for (const predicate of step.predicates) kept = filtered(kept, predicate, context)
    for (const one of kept) found.push(one)
  }
  return nodes.length === 1 && !BACKWARD.has(step.axis) ? found : inOrder(found)
}

const BACKWARD = new Set(['ancestor', 'ancestor-or-self', 'preceding-sibling'])

function filtered(nodes: readonly XmlNode[], predicate: Expression, { around }: Context): readonly XmlNode[] {
  return nodes.filter((node, index) => {
    const value = evaluate(predicate, { node, position: index + 1, size: nodes.length, around })
    return typeof value === 'number' ? value === index + 1 : toBoolean(value)
  })
}

function binary({ sign, left, right }: Extract<Expression, { op: 'binary' }>, context: Context): Value {
  if (sign === 'or') return toBoolean(evaluate(left, context)) || toBoolean(evaluate(right, context))
  if (sign === 'and') return toBoolean(evaluate(left, context)) && toBoolean(evaluate(right, context))
  const a = evaluate(left, context)
  const b = evaluate(right, context)
  if (sign === '|') return inOrder([...toNodes(a), ...toNodes(b)])
  const arithmetic = ARITHMETIC[sign]
  if (arithmetic !== undefined) return arithmetic(toNumber(a), toNumber(b))
  return compares(sign, a, b, context)
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
}

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** XPath 1.0 §3.4: a set compares as any of its nodes does. */
function compares(sign: string, a: Value, b: Value, context: Context): boolean {
  if (typeof a === 'object' && typeof b !== 'boolean') {
    return a.some((one) => compares(sign, chargedText(one, context), b, context))
  }
  if (typeof b === 'object' && typeof a !== 'boolean') {
    return b.some((one) => compares(sign, a, chargedText(one, context), context))
  }
  const order = ORDER[sign]
  if (order !== undefined) return order(toNumber(a), toNumber(b))
  return equal(a, b) === (sign === '=')
}

function equal(a: Value, b: Value): boolean {
  if (typeof a === 'boolean' || typeof b === 'boolean') return toBoolean(a) === toBoolean(b)
  if (typeof a === 'number' || typeof b === 'number') return toNumber(a) === toNumber(b)
  return a === b
}
