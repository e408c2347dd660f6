import type { Random } from './random.ts'
import { type Span, spansOf } from './xml-spans.ts'

/** One change of a document. Some change nothing that was signed: those may be accepted, by both. */
type Mutation = (text: string, random: Random) => string

const cut = (text: string, { start, end }: Span): string => text.slice(0, start) + text.slice(end)
const put = (text: string, at: number, piece: string): string => text.slice(0, at) + piece + text.slice(at)
const swap = (text: string, { start, end }: Span, piece: string): string =>
  text.slice(0, start) + piece + text.slice(end)
const of = (text: string, { start, end }: Span): string => text.slice(start, end)

/** Nothing at the beginning where there is none any more. */
const chosen = (spans: readonly Span[], random: Random): Span =>
  spans.length === 0 ? { start: 0, end: 0 } : random.pick(spans)
const anElement = (text: string, random: Random): Span => chosen(spansOf(text).elements, random)
const aTag = (text: string, random: Random): Span => chosen(spansOf(text).tags, random)
const aText = (text: string, random: Random): Span => chosen(spansOf(text).texts, random)
const within = (random: Random, { start, end }: Span): number => start + random.below(end - start + 1)
/** A place between tags: before or after an element. */
const aBorder = (text: string, random: Random): number => {
  const { start, end } = anElement(text, random)
  return random.below(2) === 0 ? start : end
}

function inTag(text: string, random: Random, change: (tag: string) => string): string {
  const span = aTag(text, random)
  return swap(text, span, change(of(text, span)))
}
const ATTRIBUTE = /\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*')/g
const withAttribute = (tag: string, attribute: string): string =>
  tag.replace(/\s*\/?>$/, (end) => ` ${attribute}${end}`)

const ODD_ATTRIBUTES = [
  'xml:lang="vi"',
  'xml:space="preserve"',
  'xml:base="http://example.org/"',
  'xml:id="x1"',
  'Id="body"',
  'ID="body"',
  'id="message"',
  'xmlns:q="urn:q"',
  'xmlns=""',
  'xmlns="urn:other"',
  'q="1"',
]
const PIECES = [
  '<!-- c -->',
  '<?pi x?>',
  ' ',
  '\n',
  '\r\n',
  '\t',
  '<q/>',
  '<Id Id="body"/>',
  '&#32;',
  '<![CDATA[]]>',
  'x',
]
const URIS: readonly (readonly [from: string, to: string])[] = [
  ['rsa-sha256', 'rsa-sha512'],
  ['rsa-sha256', 'rsa-sha1'],
  ['rsa-sha256', 'hmac-sha256'],
  ['ecdsa-sha256', 'ecdsa-sha512'],
  ['xmlenc#sha256', 'xmlenc#sha512'],
  ['REC-xml-c14n-20010315', 'REC-xml-c14n-20010315#WithComments'],
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  ['http://www.w3.org/2001/10/xml-exc-c14n#', 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'],
  ['#enveloped-signature', '#base64'],
  ['URI=""', 'URI="#body"'],
  ['URI="#', 'URI="#x'],
  ['2000/09/xmldsig#', '2000/09/xmldsig'],
]

export const XML_MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a character is another': (text, random) => {
    const at = random.below(text.length)
    return swap(text, { start: at, end: at + 1 }, String.fromCharCode(32 + random.below(95)))
  },
  'a character is gone': (text, random) => {
    const at = random.below(text.length)
    return cut(text, { start: at, end: at + 1 })
  },
  'an element is gone': (text, random) => cut(text, anElement(text, random)),
  'an element is doubled': (text, random) => {
    const span = anElement(text, random)
    return put(text, span.end, of(text, span))
  },
  'an element stands elsewhere': (text, random) => {
    const span = anElement(text, random)
    const rest = cut(text, span)
    return put(rest, aBorder(rest, random), of(text, span))
  },
  'a copy of an element stands elsewhere': (text, random) =>
    put(text, aBorder(text, random), of(text, anElement(text, random))),
  'an element has the words of another': (text, random) =>
    swap(text, anElement(text, random), of(text, anElement(text, random))),
  'an element is wrapped': (text, random) => {
    const span = anElement(text, random)
    return swap(text, span, `<Wrapper>${of(text, span)}</Wrapper>`)
  },
  'the signed one is hidden in an Object, another is in its place': (text, random) => {
    const span = anElement(text, random)
    const forged = of(text, span).replace(/>[^<]*\d[^<]*</, '>999<')
    return swap(text, span, forged).replace('</Signature>', `<Object>${of(text, span)}</Object></Signature>`)
  },
  'an Id is another': (text, random) =>
    inTag(text, random, (tag) => tag.replace(/\b(Id|ID|id)="([^"]*)"/, '$1="$2x"')),
  'an attribute is more': (text, random) =>
    inTag(text, random, (tag) => withAttribute(tag, random.pick(ODD_ATTRIBUTES))),
  'an attribute is gone': (text, random) =>
    inTag(text, random, (tag) => {
      const found = tag.match(ATTRIBUTE) ?? []
      return found.length === 0 ? tag : tag.replace(random.pick(found), '')
    }),
  'attributes stand in another order': (text, random) =>
    inTag(text, random, (tag) => {
      const found = tag.match(ATTRIBUTE) ?? []
      return found.length < 2
        ? tag
        : tag.replace(ATTRIBUTE, '').replace(/\s*\/?>$/, (end) => [...found].reverse().join('') + end)
    }),
  'a tag is spaced otherwise': (text, random) =>
    inTag(text, random, (tag) => tag.replace(/\s+/g, '\n  ').replace(/\/?>$/, ' $&')),
  'an attribute is in other quotes': (text, random) =>
    inTag(text, random, (tag) => tag.replace(/="([^"']*)"/, "='$1'")),
  'a prefix is another': (text, random) => {
    const prefix = random.pick([...text.matchAll(/xmlns:(\w+)=/g)].map((found) => found[1]!).concat('ds'))
    return text.replaceAll(`${prefix}:`, `p${prefix}:`).replaceAll(`xmlns:${prefix}=`, `xmlns:p${prefix}=`)
  },
  'a piece is put between tags': (text, random) => put(text, aBorder(text, random), random.pick(PIECES)),
  'a piece is put into words': (text, random) =>
    put(text, within(random, aText(text, random)), random.pick(PIECES)),
  'a letter is a reference': (text, random) => {
    const { start, end } = aText(text, random)
    const at = start + random.below(end - start)
    return /[&;#]/.test(text.slice(Math.max(start, at - 6), at + 6))
      ? text
      : swap(text, { start: at, end: at + 1 }, `&#${text.charCodeAt(at)};`)
  },
  'words are CDATA': (text, random) => {
    const span = aText(text, random)
    return /[&]/.test(of(text, span)) ? text : swap(text, span, `<![CDATA[${of(text, span)}]]>`)
  },
  'words are gone': (text, random) => cut(text, aText(text, random)),
  'lines end otherwise': (text) => text.replaceAll('\n', '\r\n'),
  'an algorithm or a reference is another': (text, random) => {
    const [from, to] = random.pick(URIS)
    return text.replace(from, to)
  },
  'a DOCTYPE stands before it': (text) =>
    text.replace(/(<\?xml[^>]*\?>)?\s*/, '$1<!DOCTYPE x [<!ATTLIST x Id ID #IMPLIED>]>'),
  'another document follows': (text, random) => text + random.pick(['<q/>', ' ', '<!-- c -->', 'x', '\0']),
}

const NAMES = Object.keys(XML_MUTATIONS)

export interface Mutant {
  readonly text: string
  /** The changes, in their order. */
  readonly names: readonly string[]
}

/** One to three changes, one upon the other. */
export function mutantOf(text: string, random: Random): Mutant {
  const names = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES))
  let changed = text
  for (const name of names) changed = XML_MUTATIONS[name]!(changed, random)
  return { text: changed, names }
}
