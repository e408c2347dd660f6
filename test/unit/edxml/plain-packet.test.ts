import fc from 'fast-check'
import t from 'tap'
import { DEFAULT_LIMITS } from '../../../src/edxml/limits.ts'
import { readPlainPacket } from '../../../src/edxml/plain-packet.ts'
import { judge, validVectors, vector } from './vectors.ts'

const good = vector('valid/edxml/document-new-order-b').toString()
const isPlain = (text: string, limits = {}): boolean =>
  readPlainPacket(Buffer.from(text), { ...DEFAULT_LIMITS, ...limits }) !== undefined
const withContent = (content: string): string =>
  good.replace(/(<[a-zA-Z:]*ContentTransferEncoded[^>]*>)[^<]*/, (_, tag: string) => `${tag}${content}`)

t.test('most sound packets are read at once', async (t) => {
  const plain = validVectors.filter(
    ({ bytes }) => isPlain(bytes.toString('latin1')) || isPlain(String(bytes)),
  )
  t.ok(plain.length > validVectors.length / 2, `${plain.length} of ${validVectors.length}`)
  t.ok((await judge(Buffer.from(good))).parsed?.tree, 'with the tree for its signatures')
})

/** What is beyond a reader at once, and said by the other one or read by it. */
const CLOSER: Record<string, string> = {
  'a comment': good.replace('<edXML:Subject>', '<!-- x --><edXML:Subject>'),
  'a CDATA section': good.replace('V/v chuẩn bị', '<![CDATA[V/v]]>'),
  'a DOCTYPE': good.replace('?>\n', '?>\n<!DOCTYPE edXML>\n'),
  'a prefix without a declaration': good.replace('<edXML:Subject>', '<edXML:Subject xlink:href="x">'),
  'a lone return': good.replace('\n', '\r'),
  'stray bytes before the declaration': `xx${good}`,
  'a byte order mark': `\ufeff${good}`,
  'far white space before the root': good.replace('?>\n', `?>${'\n'.repeat(1024)}`),
  'a content without text': withContent(''),
  'a content of white space': withContent(' \n '),
  'a content with a character reference': withContent('QUJD&#13;'),
  'a content with a comment': withContent('QUJD<!-- x -->'),
  'a content with an element': withContent('QUJD<x/>'),
  'a content that is cut off': withContent('QUJDR'),
  'a content of two texts': withContent('QUI=QUI='),
  'padding in between': withContent('QU=I'),
  'digits of URLs': withContent('QUJ-'),
  'an underscore': withContent('QUJ_'),
  'a mark at the start of a long text': good.replace(
    '<edXML:Subject>',
    '<edXML:Subject><x/>\ufeffmột chữ dài hơn mười sáu',
  ),
  'a mark at the start of a long value': good.replace(
    '<edXML:Subject>',
    '<edXML:Subject a="\ufeffmột giá trị dài hơn mười sáu">',
  ),
  'an element behind line 65,535': good.replace(
    /(<\/[\w:]*edXML>)\s*$/,
    `${'\n'.repeat(65_600)}<x xmlns="urn:x"/>$1`,
  ),
  'a letter that is no digit': withContent('QUJĐ'),
  'too much padding': withContent('QUJDQ==='),
}

t.test('a packet with anything to tell is left to the reader of any packet', async (t) => {
  t.ok(isPlain(good))
  for (const [name, text] of Object.entries(CLOSER)) {
    t.notOk(isPlain(text), name)
    await judge(Buffer.from(text))
  }
  for (const limits of [
    { packetBytes: 100 },
    { skeletonBytes: 100 },
    { elements: 10 },
    { depth: 3 },
    { attachments: 0 },
  ])
    t.notOk(isPlain(good, limits), JSON.stringify(limits))
})

/** Edits the n-th of what a pattern finds, counted round. */
function editNth(
  text: string,
  pattern: RegExp,
  n: number,
  edit: (found: string, name: string) => string,
): string {
  const count = [...text.matchAll(pattern)].length
  let at = -1
  return text.replace(pattern, (found: string, name: string) =>
    ++at === n % count ? edit(found, name) : found,
  )
}

const TAG = /<edXML:\w+>/g
const LEAF = /<(edXML:\w+)>[^<]*<\/\1>/g
const CONTENT = /(<[a-zA-Z:]*ContentTransferEncoded[^>]*>)([^<]*)/g

/** Edits that leave most packets plain, and change lines, texts, attributes, places and contents. */
const EDITS: readonly ((text: string, at: number) => string)[] = [
  (text) => text.replaceAll('\n', '\r\n'),
  (text, at) => editNth(text, TAG, at, (tag) => tag.replace('>', '\n a="1\t2"\n  b=\'&lt;\' >')),
  (text, at) => editNth(text, TAG, at, (tag) => `${tag} &amp;&gt;`),
  (text, at) => editNth(text, TAG, at, (tag) => `${tag}\u00a0 `),
  (text, at) =>
    editNth(text, TAG, at, (tag) => `${tag}${at % 2 ? '<x/>' : ''}\ufeff${'chữ '.repeat(at % 9)}`),
  (text, at) => editNth(text, TAG, at, (tag) => tag.replace('>', ` c="\ufeff${'v'.repeat(at % 30)}">`)),
  // Lines about the last that is told.
  (text, at) => editNth(text, /\n/g, at, () => '\n'.repeat(65_400 + (at % 150))),
  (text, at) => editNth(text, LEAF, at, (leaf) => `${leaf}${leaf}`),
  (text, at) => editNth(text, LEAF, at, () => ''),
  (text, at) => editNth(text, LEAF, at, (_, name) => `<${name} />`),
  (text, at) => editNth(text, /\n/g, at, () => '\n\n<x xmlns="urn:x"><y/>\n</x>'),
  (text, at) =>
    text.replace(
      CONTENT,
      (_, tag: string, content: string) =>
        `${tag}${content.slice(0, at)}${' \n\t'.slice(at % 3)}${content.slice(at)}`,
    ),
  (text, at) =>
    text.replace(CONTENT, (_, tag: string) => `${tag}${Buffer.alloc(1 + (at % 7), at).toString('base64')}\n`),
  (text, at) => editNth(text, /<\/?edXML:(\w+)/g, at, (tag) => tag.replace('edXML:', '')),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
]

t.test('a packet is the same whether it is read at once or as it comes', async (t) => {
  let plain = 0
  const edits = fc.array(fc.tuple(fc.constantFrom(...EDITS), fc.nat(4_000)), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(edits, async (chosen) => {
      const text = chosen.reduce((edited, [edit, at]) => edit(edited, at), good)
      if (isPlain(text)) plain += 1
      // Compares both readings.
      await judge(Buffer.from(text))
    }),
    { numRuns: 400 },
  )
  t.ok(plain > 150, `${plain} of 400 were read at once`)
})
