/** An expression of XPath 1.0, parsed. */
export type Expression =
  | { readonly op: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'negate'; readonly of: Expression }
  | { readonly op: 'literal'; readonly value: string | number }
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly op: 'filter'; readonly of: Expression; readonly predicates: readonly Expression[] }
  | { readonly op: 'path'; readonly from: Expression | 'root' | 'context'; readonly steps: readonly Step[] }

export interface Step {
  readonly axis: Axis
  readonly test: NodeTest
  readonly predicates: readonly Expression[]
}

export type NodeTest =
  | { readonly kind: 'name'; readonly prefix: string | undefined; readonly local: string }
  | { readonly kind: 'node' | 'text' | 'comment' }
  | { readonly kind: 'processing-instruction'; readonly target: string | undefined }

export const AXES = [
  'self',
  'child',
  'parent',
  'ancestor',
  'ancestor-or-self',
  'descendant',
  'descendant-or-self',
  'attribute',
  'namespace',
  'following-sibling',
  'preceding-sibling',
] as const
export type Axis = (typeof AXES)[number]

/** The expression is not read: malformed, or with a part of the language that is left out. */
export class XPathError extends Error {}

/** Longer ones are nobody's honest filter. */
const MAX_LENGTH = 10_000
const MAX_DEPTH = 100

/**
 * Parses XPath 1.0, without variables and the axes `following` and `preceding`.
 * @throws XPathError
 */
export function parseXPath(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new XPathError('too long')
  const parser = new Parser(tokensOf(text))
  const found = parser.expression()
  parser.end()
  return found
}

interface Token {
  readonly kind: 'name' | 'literal' | 'number' | 'sign' | 'end'
  readonly text: string
}

const NAME = String.raw`[\p{L}_][\p{L}\p{N}\p{M}._·-]*`
const TOKEN = new RegExp(
  String.raw`\s*(?:(?<literal>"[^"]*"|'[^']*')|(?<number>\d+(?:\.\d*)?|\.\d+)|` +
    String.raw`(?<name>${NAME}(?::(?:${NAME}|\*))?(?!:(?!:))|${NAME})|` +
    String.raw`(?<sign>::|\/\/|\.\.|!=|<=|>=|[()[\].@,/|+\-=<>*$:]))`,
  'uy',
)

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const trimmed = text.trimEnd()
  for (let at = 0; at < trimmed.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at
    const groups = TOKEN.exec(trimmed)?.groups
    if (groups === undefined) throw new XPathError(`at ${trimmed.slice(at, at + 20)}`)
    const { literal, number, name, sign } = groups
    if (literal !== undefined) tokens.push({ kind: 'literal', text: literal.slice(1, -1) })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name })
    else tokens.push({ kind: 'sign', text: sign! })
  }
  return tokens
}

/** Binary operators from the loosest to the tightest (XPath 1.0 §3.1 to §3.5). */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
]
const NODE_TYPES = new Set(['node', 'text', 'comment', 'processing-instruction'])
const DESCENDANTS: Step = { axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [] }
const END: Token = { kind: 'end', text: '' }

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  expression(level = 0): Expression {
    if (level === 0 && ++this.#depth > MAX_DEPTH) throw new XPathError('too deep')
    const signs = LEVELS[level]
    if (signs === undefined) return this.#unary()
    let left = this.expression(level + 1)
    while (signs.includes(this.#peek().text) && this.#peek().kind !== 'literal') {
      const sign = this.#next().text
      left = { op: 'binary', sign, left, right: this.expression(level + 1) }
    }
    if (level === 0) this.#depth--
    return left
  }

  end(): void {
    if (this.#peek().kind !== 'end') throw new XPathError(`${this.#peek().text} is one too many`)
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? END
  }

  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #is(sign: string, ahead = 0): boolean {
    const { kind, text } = this.#peek(ahead)
    return kind === 'sign' && text === sign
  }

  #skip(sign: string): boolean {
    if (!this.#is(sign)) return false
    this.#at++
    return true
  }

  #want(sign: string): void {
    if (!this.#skip(sign)) throw new XPathError(`${sign} wanted, ${this.#peek().text || 'the end'} found`)
  }

  #unary(): Expression {
    let minus = 0
    while (this.#skip('-')) minus++
    let left = this.#path()
    while (this.#skip('|')) left = { op: 'binary', sign: '|', left, right: this.#path() }
    if (minus === 0) return left
    return { op: 'negate', of: minus % 2 === 1 ? left : { op: 'negate', of: left } }
  }

  #path(): Expression {
    if (this.#is('/') || this.#is('//')) return this.#absolute()
    if (!this.#isPrimary()) return { op: 'path', from: 'context', steps: this.#steps() }
    const primary = this.#primary()
    const predicates = this.#predicates()
    const from: Expression = predicates.length === 0 ? primary : { op: 'filter', of: primary, predicates }
    if (this.#skip('//')) return { op: 'path', from, steps: [DESCENDANTS, ...this.#steps()] }
    return this.#skip('/') ? { op: 'path', from, steps: this.#steps() } : from
  }

  #absolute(): Expression {
    if (this.#skip('//')) return { op: 'path', from: 'root', steps: [DESCENDANTS, ...this.#steps()] }
    this.#want('/')
    const { kind, text } = this.#peek()
    const goesOn = kind === 'name' || (kind === 'sign' && ['.', '..', '@', '*'].includes(text))
    return { op: 'path', from: 'root', steps: goesOn ? this.#steps() : [] }
  }

  #isPrimary(): boolean {
    const { kind, text } = this.#peek()
    if (kind === 'literal' || kind === 'number' || this.#is('(')) return true
    if (this.#is('$')) throw new XPathError('variables')
    return kind === 'name' && this.#is('(', 1) && !NODE_TYPES.has(text)
  }

  #primary(): Expression {
    const { kind, text } = this.#next()
    if (kind === 'literal') return { op: 'literal', value: text }
    if (kind === 'number') return { op: 'literal', value: Number(text) }
    if (kind === 'sign') {
      const inside = this.expression()
      this.#want(')')
      return inside
    }
    this.#want('(')
    const args: Expression[] = []
    while (!this.#is(')')) {
      args.push(this.expression())
      if (!this.#skip(',')) break
    }
    this.#want(')')
    return { op: 'call', name: text, args }
  }

  #steps(): Step[] {
    const steps = [this.#step()]
    for (;;) {
      if (this.#skip('//')) steps.push(DESCENDANTS, this.#step())
      else if (this.#skip('/')) steps.push(this.#step())
      else return steps
    }
  }

  #step(): Step {
    if (this.#skip('.')) return { axis: 'self', test: { kind: 'node' }, predicates: [] }
    if (this.#skip('..')) return { axis: 'parent', test: { kind: 'node' }, predicates: [] }
    const axis = this.#axis()
    return { axis, test: this.#test(), predicates: this.#predicates() }
  }

  #axis(): Axis {
    if (this.#skip('@')) return 'attribute'
    if (!this.#is('::', 1)) return 'child'
    const { text } = this.#next()
    this.#want('::')
    const axis = AXES.find((one) => one === text)
    if (axis === undefined) throw new XPathError(`axis ${text}`)
    return axis
  }

  #test(): NodeTest {
    if (this.#skip('*')) return { kind: 'name', prefix: undefined, local: '*' }
    const { kind, text } = this.#next()
    if (kind !== 'name') throw new XPathError(`a name wanted, ${text || 'the end'} found`)
    if (this.#is('(') && NODE_TYPES.has(text)) return this.#nodeType(text)
    const colon = text.indexOf(':')
    if (colon < 0) return { kind: 'name', prefix: undefined, local: text }
    return { kind: 'name', prefix: text.slice(0, colon), local: text.slice(colon + 1) }
  }

  #nodeType(type: string): NodeTest {
    this.#want('(')
    const target = this.#peek().kind === 'literal' ? this.#next().text : undefined
    this.#want(')')
    if (type === 'processing-instruction') return { kind: type, target }
    if (target !== undefined) throw new XPathError(type)
    return { kind: type === 'text' ? 'text' : type === 'comment' ? 'comment' : 'node' }
  }

  #predicates(): Expression[] {
    const found: Expression[] = []
    while (this.#skip('[')) {
      found.push(this.expression())
      this.#want(']')
    }
    return found
  }
}
