import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { type ByteSource, bytesSource } from '../../../src/signature/byte-source.ts'
import type { CheckedSignature } from '../../../src/signature/checks.ts'
import { canonicalChunks, findCuts } from '../../../src/signature/formats/xml-cuts.ts'
import { checkXmlSignatures } from '../../../src/signature/formats/xmldsig.ts'
import { coversPacket, coversRoot } from '../../../src/signature/formats/xmldsig-coverage.ts'
import { checkXmlSource } from '../../../src/signature/formats/xmldsig-source.ts'
import { verifyEnvelope } from '../../../src/signature/verify-envelope.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import type { PacketSignOptions } from '../../fakes/sign-packet.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'

const NS = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'
const ca = fakeCa()
const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const context = { trust: ca.trust, time: new Date() }

const attachment = (content: string) =>
  `<Attachment><ContentId>cid:1</ContentId><ContentTransferEncoded>${content}</ContentTransferEncoded></Attachment>`

const packetOf = (contents: readonly string[]) => `<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="${NS}">
  <edXMLEnvelope Id="envelope">
    <edXMLHeader Id="header">
      <MessageHeader Id="message"><Subject>Thu 100 đồng</Subject></MessageHeader>
    </edXMLHeader>
    <edXMLBody Id="body"><edXMLManifest version="1.0"/></edXMLBody>
  </edXMLEnvelope>
  <AttachmentEncoded Id="attachments">${contents.map(attachment).join('\n')}</AttachmentEncoded>
</edXML>
`

const rules = { coverage: coversPacket }
const LEAST = 32

/** Nothing is held but the skeleton: what cannot be done with it is not done. */
const streamed = (bytes: Uint8Array) =>
  checkXmlSource(bytesSource(bytes), async () => rules, {
    streamFrom: 0,
    leastCut: LEAST,
    most: bytes.length - 1,
  })
/** The same, and the whole is read where the skeleton is not enough. */
const either = (bytes: Uint8Array) =>
  checkXmlSource(bytesSource(bytes), async () => rules, { streamFrom: 0, leastCut: LEAST, most: 1e9 })

/** Words of a parser name columns, which are others in a skeleton. */
const outline = (signatures: readonly CheckedSignature[]) =>
  signatures.map(({ id, state, valueIntact, references, coverage, checks, signer }) => ({
    ...{ id, state, valueIntact, references, coverage, signer: signer?.sha256 },
    checks: checks.map(({ check, outcome, code }) => `${check} ${outcome} ${code ?? ''}`),
  }))

const codes = (signatures: readonly CheckedSignature[]) =>
  signatures.flatMap(({ checks }) => checks.flatMap(({ code }) => code ?? []))
const REFUSED = /^(?:xml-too-large|text-not-at-hand)$/

const LINE_ENDS = ['\n', '\r\n', '\r', '&#13;\n', '&#xD;&#10;', ' \t', '']
const content = fc
  .tuple(fc.uint8Array({ minLength: 150, maxLength: 400 }), fc.constantFrom(...LINE_ENDS), fc.boolean())
  .map(([bytes, end, isPadded]) => {
    const lines =
      Buffer.from(bytes)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    const text = lines.join(end)
    return isPadded ? `${end}${text}${end}` : text
  })
/** What senders' software, or an attacker, writes between or instead of it. */
const ODD = ['<!-- AAAA -->', '<![CDATA[AAAA]]>', '&amp;', '&#65;', '>', ']]', '<x/>', '\u00e9', '&#9;', '=']
const oddContent = fc
  .tuple(content, fc.constantFrom(...ODD), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([text, odd, part]) => {
    const at = text.startsWith('&') ? 0 : Math.floor(text.length * part)
    return isInsideReference(text, at) ? odd + text : text.slice(0, at) + odd + text.slice(at)
  })
const isInsideReference = (text: string, at: number) =>
  text.lastIndexOf('&', at - 1) > text.lastIndexOf(';', at - 1)

const contents = fc.array(fc.oneof({ arbitrary: content, weight: 4 }, { arbitrary: oddContent, weight: 1 }), {
  minLength: 2,
  maxLength: 3,
})
const signing = fc.constantFrom<readonly PacketSignOptions[]>(
  [{}],
  [{ ids: ['message', 'attachments'] }],
  [{ ids: ['message', 'body', 'attachments'] }, { ids: ['message', 'body', 'attachments'] }],
  [{ ids: ['message', 'attachments'] }, {}],
  [{ ids: ['message'] }],
)

/** Bytes that matter: of markup, of line ends, of base64 and of none of these. */
const BYTES = ['A', '=', '\r', '\n', ' ', '<', '>', '&', '-', '\0', '\x01', '\xff', '&#13;', '<!-- x -->', '']
interface Mutation {
  readonly part: number
  readonly from: 'begin' | 'end' | 'anywhere'
  readonly by: number
  readonly drop: number
  readonly put: string
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  /** From the beginning or the end of a content, or anywhere. */
  from: fc.constantFrom('begin' as const, 'end' as const, 'anywhere' as const),
  by: fc.integer({ min: -2, max: 2 }),
  drop: fc.integer({ min: 0, max: 2 }),
  put: fc.constantFrom(...BYTES),
})

function mutate(signed: Uint8Array, { part, from, by, drop, put }: Mutation): Buffer {
  const bytes = Buffer.from(signed)
  const edge = { begin: '<ContentTransferEncoded>', end: '</ContentTransferEncoded>', anywhere: '' }[from]
  const found = from === 'anywhere' ? Math.floor(bytes.length * part) : bytes.indexOf(edge)
  const at = Math.min(bytes.length, Math.max(0, found + by + (from === 'begin' ? edge.length : 0)))
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put, 'latin1'), bytes.subarray(at + drop)])
}

// The first, for what others leave behind would hide what it takes.
t.test('a packet of 200 MB is verified in little memory', { timeout: 120_000 }, async (t) => {
  const line = `${'QUJD'.repeat(19)}\r\n`
  const LINES = Math.ceil((200 * 1024 * 1024) / line.length)
  const block = Buffer.from(line.repeat(16_384))
  const canonicalBlock = Buffer.from(line.replace('\r', '').repeat(16_384))
  const word = 'WORD'
  const digest = (canonical: Buffer) => {
    const hash = createHash('sha256')
    for (const [index, part] of split(canonical, word).entries()) {
      if (index > 0) feed(LINES, canonicalBlock, line.length - 1, (bytes) => hash.update(bytes))
      hash.update(part)
    }
    return hash.digest()
  }
  const small = [{}, { ids: ['message', 'body', 'attachments'] }].map((options) =>
    agency.signPacket(Buffer.from(packetOf([word])), 'agency', { ...options, digest }),
  )
  await verifyEnvelope(stretched(small[0]!, word, block, 4 * block.length), context)
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 5)
  for (const signed of small) {
    const source = stretched(signed, word, block, LINES * line.length)
    t.match(await verifyEnvelope(source, context), { state: 'valid', findings: [{ trust: 'trusted' }] })
  }
  const changedByte = stretched(small[0]!, word, block, LINES * line.length, 150 * 1024 * 1024)
  t.match(await verifyEnvelope(changedByte, context), { state: 'invalid' })
  clearInterval(timer)
  const growth = Math.round((most - before) / 1024 / 1024)
  // What was read waits for its collection, longer on some versions of Node; a tree would take a multiple of the file.
  t.ok(growth < 160, `${growth} MiB more`)
})

t.test('what is read from its file says what the whole tree says', async (t) => {
  let [compared, refused, valid] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(contents, signing, fc.option(mutation), async (parts, makes, change) => {
      const packet: Uint8Array = Buffer.from(packetOf(parts))
      const signed = makes.reduce((bytes, options) => agency.signPacket(bytes, 'agency', options), packet)
      const bytes = change === null ? signed : mutate(signed, change)
      const whole = outline(checkXmlSignatures(bytes, rules))
      if (!isDeepStrictEqual(outline(await either(bytes)), whole)) return false
      const found = await streamed(bytes)
      compared += 1
      if (codes(found).some((code) => REFUSED.test(code))) {
        refused += 1
        return !found.some(({ state }) => state === 'valid')
      }
      if (whole.some(({ state }) => state === 'valid')) valid += 1
      return isDeepStrictEqual(outline(found), whole)
    }),
    { numRuns: 300 },
  )
  t.ok(refused < compared / 3, `${refused} of ${compared} were refused`)
  t.ok(valid > compared / 10, `${valid} of ${compared} were valid`)
})

const ROOT = resolve('../shared/corpora')
const skip = existsSync(ROOT) ? false : 'the corpora are not at hand'

t.test('so it is for the files of others', { skip }, async (t) => {
  const rules = { coverage: coversRoot, anyEncoding: true }
  const limits = { streamFrom: 0, leastCut: LEAST }
  let same = 0
  for (const name of readdirSync(join(ROOT, 'dss-xades'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.xml')) continue
    const bytes = readFileSync(join(ROOT, 'dss-xades', name))
    const source = bytesSource(bytes)
    const whole = withTimestamps(checkXmlSignatures(bytes, rules))
    const held = await checkXmlSource(source, async () => rules, { ...limits, most: 1e9 })
    const found = await checkXmlSource(source, async () => rules, { ...limits, most: bytes.length - 1 })
    if (!isDeepStrictEqual(withTimestamps(held), whole)) t.fail(name)
    if (codes(found).some((code) => REFUSED.test(code))) continue
    if (!isDeepStrictEqual(withTimestamps(found), whole)) t.fail(`${name}, of which the skeleton is held`)
    same += 1
  }
  t.ok(same > 50, `${same} files`)
})

const withTimestamps = (signatures: readonly CheckedSignature[]) => ({
  signatures: outline(signatures),
  timestamps: signatures.flatMap(({ timestamps }) =>
    timestamps.map(({ kind, imprintMatch, intact }) => ({ kind, imprintMatch, intact })),
  ),
})

t.test('line ends and references are made canonical across the pieces that are read', async (t) => {
  const MIB = 1024 * 1024
  const ends = ['\r\n', '&#13;\n', '&#x000d;', '\r', '&#x20;\r\r\n']
  for (const end of ends) {
    for (const shift of [0, 1, 2, 3, 5, 8]) {
      const head = `<x>${'A'.repeat(MIB - 3 - shift)}`
      const text = `${head}${end}${'B'.repeat(100)}${end}</x>`
      const source = bytesSource(Buffer.from(text))
      const [cut, ...more] = await findCuts(source, LEAST)
      t.strictSame(more, [])
      t.strictSame([cut?.start, cut?.end], [3, text.length - 4])
      const parts: Uint8Array[] = []
      for await (const part of canonicalChunks(source, cut!)) parts.push(Buffer.from(part))
      const expected = text
        .slice(3, -4)
        .replace(/\r\n?/g, '\n')
        .replace(/&#(?:13|x000d);/g, '\r')
        .replace(/&#x20;/g, ' ')
        .replace(/\r/g, '&#xD;')
      t.ok(Buffer.concat(parts).equals(Buffer.from(expected)), JSON.stringify([end, shift]))
    }
  }
})

t.test('only text that is base64 all through is left in its file', async (t) => {
  const base64 = 'QUJD'.repeat(20)
  const found = async (text: string) =>
    (await findCuts(bytesSource(Buffer.from(text)), LEAST)).map(({ start, end }) => text.slice(start, end))
  t.strictSame(await found(`<a>${base64}</a><b>${base64}\n</b>`), [base64, `${base64}\n`])
  const others: [name: string, text: string][] = [
    ['short', 'QUJD'],
    ['blank', ' '.repeat(100)],
    ['not ended', `<a>${base64}`],
    ['another character', `${base64}-`],
    ['beyond ASCII', `${base64}é`],
    ['an entity', `${base64}&amp;`],
    ['a letter as a reference', `${base64}&#65;`],
    ['a reference that is none', `${base64}&#;&x#13;`],
    ['a reference without an end', `${base64}&#13`],
    ['a reference too long', `${base64}&#000000000013;`],
    ['an end of CDATA', `${base64}]]`],
  ]
  for (const [name, text] of others)
    t.strictSame(await found(name === 'not ended' ? text : `<a>${text}</a>`), [], name)
  t.strictSame(await found(`<a>-&#1>${base64}</a>`), [base64], 'the last `>` begins it')
})

t.test('a text that only looks like one is refused, or read as a part of the whole', async (t) => {
  const base64 = 'QUJD'.repeat(20)
  const hidden = [
    `<!-- >${base64}< -->`,
    `<![CDATA[>${base64}<]]>`,
    `<?x >${base64}<?>`,
    `>${base64}<!-- -->`,
    `<![CDATA[]]>${base64}<![CDATA[B]]>`,
    `<y a=">"/>x>${base64}<y/>`,
  ]
  for (const text of hidden) {
    const signed = agency.signPacket(Buffer.from(packetOf([text])), 'agency')
    t.strictSame(outline(await either(signed)), outline(checkXmlSignatures(signed, rules)), text)
    t.match(codes(await streamed(signed)), ['xml-too-large'], text)
  }
})

t.test('what needs the characters of a long text is refused by name', async (t) => {
  const packet = Buffer.from(packetOf(['QUJD'.repeat(20)]))
  const signed = agency.signPacket(packet, 'agency', { ids: ['attachments'] }).toString()
  const transforms = [
    'http://www.w3.org/2000/09/xmldsig#base64',
    'http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64',
  ]
  for (const algorithm of transforms) {
    const at = '<Reference URI="#attachments">'
    const bytes = Buffer.from(
      signed.replace(at, `${at}<Transforms><Transform Algorithm="${algorithm}"/></Transforms>`),
    )
    const [checked] = await streamed(bytes)
    t.match(checked, { state: 'invalid', valueIntact: false }, 'SignedInfo is another')
    t.match(checked?.references.find(({ uri }) => uri === '#attachments')?.intact, null)
    t.ok(codes([checked!]).includes('text-not-at-hand'))
    t.strictSame(outline(await either(bytes)), outline(checkXmlSignatures(bytes, rules)))
  }
})

function split(bytes: Buffer, word: string): [Buffer, ...Buffer[]] {
  const at = bytes.indexOf(word)
  return at < 0 ? [bytes] : [bytes.subarray(0, at), bytes.subarray(at + word.length)]
}

function feed(lines: number, block: Buffer, length: number, take: (bytes: Buffer) => void): void {
  for (let left = lines * length; left > 0; left -= block.length)
    take(block.subarray(0, Math.min(left, block.length)))
}

/** A packet in which a word is replaced by so many bytes of a block over and over. One of them may be changed. */
function stretched(
  packet: Uint8Array,
  word: string,
  block: Buffer,
  length: number,
  changed = -1,
): ByteSource {
  const [head, tail = Buffer.alloc(0)] = split(Buffer.from(packet), word)
  const total = head.length + length + tail.length
  return {
    length: total,
    read: async (start, end) => {
      await setImmediate()
      const out = Buffer.alloc(end - start)
      if (start < head.length) head.copy(out, 0, start)
      const last = total - tail.length
      if (end > last) tail.copy(out, Math.max(0, last - start), Math.max(0, start - last))
      const from = Math.max(start, head.length)
      const to = Math.min(end, head.length + length)
      for (let at = from; at < to; ) {
        const inBlock = (at - head.length) % block.length
        at += block.copy(out, at - start, inBlock, Math.min(block.length, inBlock + to - at))
      }
      if (changed >= start && changed < end) out[changed - start] = 0x42
      return out
    },
  }
}
