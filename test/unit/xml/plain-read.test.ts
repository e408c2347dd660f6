import * as fc from 'fast-check'
import { ParseOption, XmlC14NMode, XmlDocument } from 'libxml2-wasm'
import { test } from 'tap'
import { CANONICALIZATIONS, canonicalText } from '../../../src/signature/formats/xml-canonical.ts'
import { canonicalAsWritten } from '../../../src/signature/formats/xml-written.ts'
import { elementsOf } from '../../../src/xml/nodes.ts'
import { readPlainXml } from '../../../src/xml/plain-read.ts'

const C14N = CANONICALIZATIONS['http://www.w3.org/TR/2001/REC-xml-c14n-20010315']!
const RUNS = Number(process.env.XML_PLAIN_RUNS ?? 4000)

/** What libxml2 makes of a text; undefined where it is not well-formed to it. */
function byLibxml2(text: string): string | undefined {
  try {
    const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE
    const document = XmlDocument.fromBuffer(Buffer.from(text), { option, encoding: 'utf-8' })
    try {
      return document.canonicalizeToString({ mode: XmlC14NMode.XML_C14N_1_0, withComments: false })
    } finally {
      document.dispose()
    }
  } catch {
    return undefined
  }
}

function byReader(text: string): string | undefined {
  const root = readPlainXml(Buffer.from(text))
  return root && canonicalText({ apex: root }, C14N)
}

/** Mostly the usual, now and then what is not. */
const mostly = (usual: readonly string[], rare: readonly string[]) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: 40 },
    { arbitrary: fc.constantFrom(...rare), weight: 1 },
  )

const name = mostly(['a', 'b', 'p:a', 'q:b', 'X-1._'], ['xml', 'xmlns', 'é', '1'])
const space = mostly([' ', '\n', '\t', '  '], [''])
const value = mostly(['1', 'a b', 'x\ty', "'", '&amp;', 'é>', 'urn:x', 'http://x.vn/a#'], ['', '&#10;', '<'])
const attribute = fc
  .tuple(space, mostly(['x', 'y', 'p:x', 'q:x'], ['xml:lang', 'xml:id', 'xmlns:xml']), value)
  .map(([gap, key, text]) => `${gap}${key}="${text}"`)
const declaration = fc
  .tuple(
    fc.constantFrom('xmlns', 'xmlns:p', 'xmlns:q', 'xmlns:z'),
    mostly(['urn:x', 'http://x.vn/#a', 'urn:p'], ['', 'x']),
  )
  .map(([key, uri]) => ` ${key}="${uri}"`)
const attributes = fc
  .tuple(
    fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.array(declaration, { maxLength: 2 })),
    fc.oneof({ arbitrary: fc.constant([]), weight: 1 }, fc.uniqueArray(attribute, { maxLength: 2 })),
  )
  .map(([declared, others]) => [...declared, ...others].join(''))
const leaf = mostly(
  ['text', 'Ủy ban', '&lt;&gt;', '\n ', '😀', '&quot;', '>'],
  ['<!-- c -->', '<?p i?>', '<![CDATA[<]]>', ']]>', '&', '&#0;'],
)
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc
    .tuple(name, attributes, fc.array(fc.oneof(leaf, tie('element')), { maxLength: 3 }))
    .map(([tag, own, inside]) => {
      const open = `<${tag}${own}`
      return inside.length === 0 && own.length % 2 === 0 ? `${open}/>` : `${open}>${inside.join('')}</${tag}>`
    }),
}))
const document = fc
  .tuple(fc.constantFrom('', '<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>\n'), element)
  .map(([head, root]) => `${head}<p:r xmlns:p="urn:p" xmlns:q="http://q.vn/#">${root}</p:r>`)

const PIECES = [
  '<',
  '>',
  '/',
  '&',
  '"',
  "'",
  '=',
  ' ',
  ':',
  ']]>',
  '--',
  '<a>',
  '</a>',
  '<!DOCTYPE a>',
  '\u0001',
]
const WEIRD = [
  '\ufffe',
  '\ufffd',
  '&amp;',
  '&nbsp;',
  '&#0;',
  ' x="1"',
  ' p:x="2"',
  ' xmlns:p="urn:q"',
  ' xmlns=""',
]
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.nat(4),
  piece: fc.constantFrom('', ...PIECES, ...WEIRD),
})

function mutated(text: string, changes: readonly { at: number; length: number; piece: string }[]): string {
  return changes.reduce((now, { at, length, piece }) => {
    const start = Math.floor(at * now.length)
    return Buffer.from(now.slice(0, start) + piece + now.slice(start + length)).toString()
  }, text)
}

test('what is read as plain XML, libxml2 reads too, and reads the same', async (t) => {
  let [plain, other] = [0, 0]
  fc.assert(
    fc.property(document, fc.oneof(fc.constant([]), fc.array(change, { maxLength: 2 })), (text, changes) => {
      const written = mutated(text, changes)
      const read = byReader(written)
      if (read === undefined) other++
      else plain++
      if (read !== undefined && read !== byLibxml2(written)) throw new Error(JSON.stringify(written))
    }),
    { numRuns: RUNS },
  )
  t.ok(plain > RUNS / 20 && other > RUNS / 20, `${plain} plain, ${other} not`)
})

test('the canonical form of a plain document is that of its file where it is told to be', async (t) => {
  let told = 0
  fc.assert(
    fc.property(document, fc.nat(4), fc.array(fc.nat(20), { maxLength: 2 }), (text, top, chosen) => {
      const root = readPlainXml(Buffer.from(text))
      if (root === undefined) return
      const all = [...elementsOf(root)]
      const apex = top === 0 ? root : (all[top] ?? root)
      const without = new Set(chosen.flatMap((index) => all[index] ?? []))
      for (const [name, method] of Object.entries(CANONICALIZATIONS)) {
        const written = canonicalAsWritten({ apex, without }, method)
        if (written === undefined) continue
        told++
        const form = canonicalText({ apex, without }, method)
        if (written.toString() !== form) throw new Error(`${name}: ${text} ${written} ${form}`)
      }
    }),
    { numRuns: RUNS },
  )
  t.ok(told > RUNS / 20, `${told} told`)
})

test('a usual packet is plain', async (t) => {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<e:edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016"><e:To id='1'>Ủy ban &amp; Sở</e:To><e:X/></e:edXML>\n`
  t.equal(byReader(text), byLibxml2(text))
  t.not(byReader(text), undefined)
})

/** Each by its defect, or by what makes it another parser's matter. */
const NOT_PLAIN: Readonly<Record<string, string>> = {
  'another closing tag': '<a><b></a></b>',
  'no closing tag': '<a><b></b>',
  'two roots': '<a/><a/>',
  'text behind the root': '<a/>x',
  'text before the root': 'x<a/>',
  'an attribute twice': '<a x="1" x="2"/>',
  'an attribute twice under two prefixes': '<a xmlns:p="urn:x" xmlns:q="urn:x" p:x="1" q:x="2"/>',
  'a namespace declared twice': '<a xmlns:p="urn:x" xmlns:p="urn:y"/>',
  'attributes without a space': '<a x="1"y="2"/>',
  'a value without quotes': '<a x=1/>',
  'less-than in a value': '<a x="<"/>',
  'a stray solidus': '<a/ >',
  'a bare ampersand': '<a>&</a>',
  'an unknown entity': '<a>&nbsp;</a>',
  'a reference to no character': '<a>&#0;</a>',
  'end of CDATA in text': '<a>]]></a>',
  'a control character': '<a>\u0001</a>',
  'a non-character': '<a>\ufffe</a>',
  'an undeclared prefix': '<p:a/>',
  'two colons': '<a:b:c xmlns:a="urn:x"/>',
  'a name that begins with a digit': '<1a/>',
  'the prefix xml bound anew': '<a xmlns:xml="urn:x"/>',
  'a prefix for the namespace of xmlns': '<a xmlns:p="http://www.w3.org/2000/xmlns/"/>',
  'a relative namespace': '<a xmlns="b"/>',
  'an undeclared prefix by an empty name': '<a xmlns:p=""/>',
  'a DOCTYPE': '<!DOCTYPE a><a/>',
  'a late XML declaration': ' <?xml version="1.0"?><a/>',
  'another encoding': '<?xml version="1.0" encoding="latin1"?><a/>',
  'too deep': `${'<a>'.repeat(300)}${'</a>'.repeat(300)}`,
  'a comment': '<a><!-- c --></a>',
}

test('what is not plain is left to libxml2', async (t) => {
  for (const [defect, text] of Object.entries(NOT_PLAIN)) t.equal(byReader(text), undefined, defect)
})

test('a control character is seen wherever it stands', async (t) => {
  const text = `<a>${'chữ '.repeat(4)}</a>`
  const length = Buffer.byteLength(text)
  for (let shift = 0; shift < 4; shift++) {
    for (let at = 0; at < length; at++) {
      // A view that begins at each remainder of four.
      const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).subarray(shift)
      t.ok(readPlainXml(bytes) !== undefined)
      bytes[at] = 0x1f
      if (readPlainXml(bytes) !== undefined) t.fail(`at ${at} of a view from ${shift}`)
    }
  }
})
