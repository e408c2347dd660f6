import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { diag } from 'libxml2-wasm'
import t from 'tap'
import { discardingStage, memoryStage } from '../../../src/blobs/memory-stage.ts'
import type { DocumentEnvelope } from '../../../src/domain/envelope.ts'
import { everyText } from '../../../src/edxml/every-text.ts'
import { FAULTS } from '../../../src/edxml/fault-catalogue.ts'
import { DEFAULT_LIMITS, parsePacket } from '../../../src/edxml/parse-packet.ts'
import { receivedLine } from '../../../src/edxml/skeleton.ts'
import { stagePacket } from '../../../src/edxml/stage-packet.ts'
import {
  chunked,
  codesOf,
  comparable,
  foreignSamples,
  invalidVectors,
  judge,
  validVectors,
  vector,
} from './vectors.ts'

diag.configure({ enabled: true })

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

t.test('accepted variants, each with the warning that its name tells and no other', async (t) => {
  for (const { name, bytes, code } of validVectors) {
    const { accepted, faults } = await judge(bytes)
    t.ok(accepted, `${name} is accepted`)
    t.strictSame([...new Set(codesOf(faults))], code === undefined ? [] : [code], name)
  }
})

t.test('refused packets, each for the reason that its name tells', async (t) => {
  for (const { name, bytes, code } of invalidVectors) {
    const { accepted, faults } = await judge(bytes)
    t.notOk(accepted, `${name} is refused`)
    t.ok(codesOf(faults, 'error').includes(code!), `${name}: ${codesOf(faults, 'error')}`)
    for (const fault of faults) {
      t.ok(
        fault.line !== undefined || fault.code === 'limit-exceeded',
        `${name}: ${fault.code} tells its line`,
      )
    }
  }
})

t.test('every fault of the catalogue is shown by a vector, or by a test of its own', (t) => {
  const shown = new Set([...validVectors, ...invalidVectors].map(({ code }) => code))
  const elsewhere = [
    'attachment-ambiguous',
    'attachment-unreadable',
    'content-type-would-unzip',
    'limit-exceeded',
    'parsers-disagree',
  ]
  t.strictSame(
    Object.keys(FAULTS)
      .filter((code) => !shown.has(code))
      .sort(),
    elsewhere,
  )
  t.end()
})

t.test('the page on divergences names only faults that exist, with their severity', async (t) => {
  const page = readFileSync(new URL('../../../docs/divergences.md', import.meta.url), 'utf8')
  const told = [...page.matchAll(/\| (?:error|warning)s? [^|]*\|$/gm)].map(([cell]) => cell)
  t.ok(told.length > 20)
  const severities: Record<string, { severity: string }> = FAULTS
  for (const cell of told) {
    for (const [, words, list] of cell.matchAll(/(error|warning)s? ((?:`[a-z0-9-]+`(?:, )?)+)/g)) {
      for (const [, code] of list!.matchAll(/`([^`]+)`/g))
        t.equal(severities[code!]?.severity, words, `${code}`)
    }
  }
})

const samples = foreignSamples() ?? new Map<string, Buffer>()
const skip = samples.size === 0 && 'no samples beside the project'

t.test('packets of other systems', { skip }, async (t) => {
  const refused: Record<string, string> = {
    'edxml-malformed/edoc-undeclared-xlink-prefix-and-jmeter-placeholder.edxml': 'base64-malformed',
    'edxml-variants/2013-e-doc.vn-soap-GetOrganizations.RECONSTRUCTED.http': 'xml-not-well-formed',
    'edxml-variants/go.vn-eDoc-REJECTED-variant.RECONSTRUCTED.xml': 'root-unexpected',
  }
  for (const [name, bytes] of samples) {
    const { accepted, faults } = await judge(bytes)
    t.strictSame(codesOf(faults, 'error'), refused[name] === undefined ? [] : [refused[name]], name)
    t.equal(accepted, refused[name] === undefined, name)
  }
  const update = await judge(samples.get('edxml-official/edoc-2-update.edxml')!)
  const envelope = update.parsed!.envelope as DocumentEnvelope
  t.strictSame(
    envelope.business.receivers,
    [
      { organId: '000.00.00.H41', change: 'removed' },
      { organId: '000.00.00.H14', change: 'added' },
    ],
    'an official update says whom it removes and adds',
  )
  const replace = await judge(samples.get('edxml-official/edoc-3-replace.edxml')!)
  t.strictSame(
    (replace.parsed!.envelope as DocumentEnvelope).business.replacements,
    [
      {
        documentId: '000.00.00.G22,2014/01/30,7806/VPCP-TTĐT',
        organIds: ['000.00.00.H41', '000.00.00.H14'],
      },
    ],
    'one document named twice is one replacement',
  )
})

t.test('the packet is kept exactly, each attachment decoded', async (t) => {
  const bytes = vector('valid/edxml/bytes-before-prolog--bytes-before-prolog')
  const stage = memoryStage()
  const { parsed } = await judge(bytes, {}, stage)
  t.equal(parsed!.packet.sha256, sha256(bytes))
  t.equal(parsed!.packet.length, bytes.length)
  t.strictSame(await buffer(stage.read(parsed!.packet.sha256)), bytes)
  const declaration = stage.read(parsed!.packet.sha256, { start: 4, end: 9 })
  t.equal((await buffer(declaration)).toString(), '<?xml', 'a range of it can be read')
  const [attachment] = (parsed!.envelope as DocumentEnvelope).attachments
  const content = await buffer(stage.read(attachment!.sha256))
  t.match(content.toString('latin1'), /^%PDF-1\.4[\s\S]*%%EOF\n$/)
  t.match(attachment, { contentId: 'tep-1', sniffedType: 'application/pdf', length: content.length })
})

t.test('a skeleton with its cuts put back is the packet as received', async (t) => {
  for (const { name, bytes } of validVectors) {
    const { skeleton } = await stagePacket(chunked(bytes), discardingStage(), DEFAULT_LIMITS)
    let rebuilt = Buffer.from(skeleton.bytes).toString('latin1')
    for (const cut of skeleton.cuts) {
      rebuilt = rebuilt.replace(cut.placeholder, () => bytes.toString('latin1', cut.start, cut.end))
    }
    t.equal(bytes.toString('latin1', 0, skeleton.skip) + rebuilt, bytes.toString('latin1'), name)
  }
})

t.test('the facts of every operation', async (t) => {
  const facts = async (stem: string) => (await judge(vector(`valid/edxml/${stem}`))).parsed!.envelope
  t.match(await facts('document-new-order-b'), {
    kind: 'document',
    from: { organId: 'H99.01', organName: 'Sở Kế hoạch tỉnh Bình An' },
    to: [{ organId: 'H99.02' }, { organId: 'H98.07' }],
    documentId: 'H99.01,2026/01/05,12/SKH-TH',
    codeNumber: '12',
    priority: 1,
    documentType: { type: 2, typeDetail: 18, typeName: 'Công văn' },
    toPlaces: ['Như trên', 'Lưu: VT'],
    business: { operation: 'new' },
    responseFor: [],
  })
  t.strictSame(await facts('document-new-order-a'), await facts('document-new-order-b'), 'order says nothing')
  for (const stem of [
    'all-prefixed',
    'all-unprefixed',
    'other-prefix',
    'crlf-lines',
    'comments',
    'content-id-doubled-cid',
  ]) {
    t.strictSame(await facts(stem), await facts('document-new-order-b'), `${stem} says the same`)
  }
  t.match(await facts('document-recall'), { business: { operation: 'recall' } })
  t.match(await facts('document-update'), {
    business: {
      operation: 'update',
      documentId: 'H99.01,2026/01/02,9/SKH-TH',
      updates: { documentInfo: true, documentReceiver: true },
    },
  })
  t.match(await facts('document-replace'), {
    business: { replacements: [{ documentId: 'H99.01,2026/01/02,9/SKH-TH', organIds: ['H99.02'] }] },
  })
  t.strictSame(((await facts('recipient-repeated--recipient-repeated')) as DocumentEnvelope).to.length, 2)
  t.match(await facts('status-03'), {
    kind: 'status',
    from: { organId: 'H99.02' },
    responseFor: { organId: 'H99.01', documentId: 'H99.01,2026/01/05,12/SKH-TH' },
    statusCode: '03',
    timestamp: '2026/01/05 09:15:00',
  })
})

t.test('lines are those of the received bytes, also behind an attachment of many lines', async (t) => {
  const bytes = vector('valid/edxml/base64-in-mime-lines')
  const text = bytes.toString().replace('</Attachment>', '<Odd>1</Odd></Attachment>').replace(/\n/g, '\r\n')
  const shifted = Buffer.from(`\n\nx${text}`)
  const { faults } = await judge(shifted)
  const odd = faults.find(({ code }) => code === 'element-unknown')
  t.equal(
    odd?.line,
    shifted
      .toString()
      .split('\n')
      .findIndex((line) => line.includes('<Odd>')) + 1,
  )
  const cut = (placeholder: string, line: number, lineFeeds: number) => ({
    placeholder,
    start: 0,
    end: 0,
    line,
    lineFeeds,
    mixed: false,
  })
  const skeleton = {
    bytes: Buffer.alloc(0),
    skip: 0,
    skippedLines: 0,
    cuts: [cut('a\n', 2, 5), cut('b', 9, 0), cut('c\n', 9, 1)],
  }
  t.strictSame(
    [1, 2, 3, 5, 6].map((line) => receivedLine(skeleton, line)),
    [1, 2, 7, 9, 10],
  )
  t.strictSame(codesOf((await judge(vector('invalid/edxml/base64-malformed--late-in-lines'))).faults), [
    'base64-malformed',
  ])
})

/** Nothing is held to be read at once. */
const STREAMED = { wholeBytes: 0 }

t.test('how the bytes are split into chunks changes nothing', async (t) => {
  const vectors = [...validVectors, ...invalidVectors]
  const splits = fc.array(fc.nat(8000), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...vectors), splits, async ({ bytes }, cuts) => {
      const whole = comparable(await judge(bytes))
      assert.deepEqual(comparable(await judge(chunked(bytes, ...cuts), STREAMED)), whole)
      assert.deepEqual(comparable(await judge(chunked(bytes, ...cuts))), whole)
    }),
    { numRuns: 150 },
  )
  for (const { bytes, name } of [validVectors[0]!, invalidVectors[0]!]) {
    const byByte = await judge(chunked(bytes, ...Array.from(bytes.keys())), STREAMED)
    t.strictSame(byByte.faults, (await judge(bytes)).faults, `${name}, byte by byte`)
  }
})

t.test('stray bytes are passed over up to a bound, wherever chunks end', async (t) => {
  const good = vector('valid/edxml/document-new-order-b')
  for (let length = 1010; length < 1030; length += 1) {
    const bytes = Buffer.concat([Buffer.alloc(length, 'x'), good])
    const whole = await judge(bytes)
    t.equal(whole.accepted, length <= 1018, `${length} bytes`)
    t.strictSame(
      (await judge(chunked(bytes, 1023, 1024, 1025), STREAMED)).faults,
      whole.faults,
      `${length} bytes in chunks`,
    )
  }
})

t.test('a status packet that also carries something is ambiguous', async (t) => {
  const status = vector('valid/edxml/status-03').toString()
  const withBody = (body: string) =>
    judge(
      Buffer.from(
        status.replace(
          '</edXML:edXMLHeader>',
          `</edXML:edXMLHeader><edXML:edXMLBody>${body}</edXML:edXMLBody>`,
        ),
      ),
    )
  const reference = '<edXML:Reference><edXML:ContentId>a</edXML:ContentId></edXML:Reference>'
  t.ok((await withBody('')).accepted, 'an empty body carries nothing')
  t.ok(codesOf((await withBody(reference)).faults, 'error').includes('kind-ambiguous'))
  const blankTo = status.replace('<edXML:StatusCode>', `<edXML:To/><edXML:StatusCode>`)
  t.ok((await judge(Buffer.from(blankTo))).accepted)
})

t.test(
  'every text of a packet, known elements and unknown, with attributes and without content',
  async (t) => {
    const text = vector('valid/edxml/document-new-order-b')
      .toString()
      .replace(
        '<edXML:OtherInfo>',
        '<edXML:Odd a="Mật" b=""><x:Deep xmlns:x="urn:la">Tối <!-- -->mật</x:Deep></edXML:Odd>$&',
      )
      .replace('<edXML:Subject>', '<edXML:Subject note="Độ mật">')
    const { parsed } = await judge(Buffer.from(text))
    const found = new Map(everyText(parsed!.root).map((each) => [each.path, each.text]))
    const message = '/edXML/edXMLEnvelope/edXMLHeader/MessageHeader'
    for (const [path, expected] of Object.entries({
      [`${message}/Odd/@a`]: 'Mật',
      [`${message}/Odd/Deep`]: 'Tối mật',
      [`${message}/Subject/@note`]: 'Độ mật',
      [`${message}/To[2]/OrganId`]: 'H98.07',
      [`${message}/From/OrganId`]: 'H99.01',
      '/edXML/AttachmentEncoded/Attachment/AttachmentName': '12-SKH-TH.pdf',
      '/edXML/edXMLEnvelope/edXMLBody/edXMLManifest/@version': '1.0',
    })) {
      t.equal(found.get(path), expected, path)
    }
    const values = [...found.values()].join(' ')
    t.notMatch(values, 'tram-cut', 'no placeholder passes for a text')
    t.notOk(found.has(`${message}/Odd/@b`))
    const hidden = text.replace('<edXML:OtherInfo>', '<ContentTransferEncoded>Mật</ContentTransferEncoded>$&')
    const other = await judge(Buffer.from(hidden))
    t.ok(everyText(other.parsed!.root).some(({ path }) => path === `${message}/ContentTransferEncoded`))
    const status = await judge(vector('valid/edxml/status-03'))
    t.ok(
      everyText(status.parsed!.root).some(({ path }) => path === `${message}/Description`),
      'also of a status',
    )
  },
)

t.test('damaged bytes are refused or read, never more than that', async () => {
  const change = fc.record({
    at: fc.nat(6000),
    remove: fc.nat(6),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc
        .constantFrom(
          '<',
          '>',
          '</',
          '/>',
          '<!--',
          '-->',
          '<![CDATA[',
          ']]>',
          '<?',
          '"',
          "'",
          '&',
          ';',
          '<a>',
          'edXML:',
          '\n',
        )
        .map((text) => Buffer.from(text)),
    ),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...validVectors),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async ({ bytes }, changes) => {
        const damaged = changes.reduce<Buffer>(
          (before, { at, remove, insert }) =>
            Buffer.concat([before.subarray(0, at), insert, before.subarray(at + remove)]),
          bytes,
        )
        const { accepted, faults } = await judge(damaged)
        if (!accepted && codesOf(faults, 'error').length === 0) throw new Error('refused without a reason')
        if (codesOf(faults).includes('parsers-disagree')) throw new Error('lexer and libxml2 disagree')
      },
    ),
    { numRuns: 1500 },
  )
})

/** A packet of so many bytes of attachment, made as it is read; `watch` is called on the way. */
async function* largePacket(attachmentBytes: number, watch: () => void): AsyncGenerator<Uint8Array> {
  const [before, after] = vector('valid/edxml/document-new-order-b')
    .toString()
    .split(/(?<=ContentTransferEncoded xmlns[^>]*>)[^<]*/)
  const lines = Buffer.from(`${Buffer.alloc(57, 'tram').toString('base64')}\r\n`.repeat(1000))
  yield Buffer.from(before!)
  for (let sent = 0; sent < attachmentBytes; sent += lines.length) {
    yield Uint8Array.from(lines)
    watch()
  }
  yield Buffer.from(after!)
}

t.test('memory stays flat for a packet of 200 MB', async (t) => {
  const MB = 1_000_000
  await judge(largePacket(20 * MB, () => {}))
  const before = process.memoryUsage.rss()
  let peak = before
  const watch = () => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }
  const { accepted, parsed } = await judge(largePacket(200 * MB, watch))
  t.ok(accepted)
  t.ok(parsed!.packet.length > 200 * MB)
  t.ok(peak - before < 80 * MB, `RSS grew by ${Math.round((peak - before) / MB)} MB`)
})

t.test('a circular to every agency is read', async (t) => {
  const to =
    '<edXML:To><edXML:OrganId>H99.NUMBER</edXML:OrganId><edXML:OrganName>UBND xã số NUMBER</edXML:OrganName></edXML:To>\n'
  const recipients = Array.from({ length: 111_000 }, (_, index) => to.replaceAll('NUMBER', `${index}`)).join(
    '',
  )
  const text = vector('valid/edxml/document-new-order-b').toString()
  const circular = Buffer.from(text.replace(/<edXML:To>[\s\S]*<\/edXML:To>/, () => recipients))
  const { accepted, parsed } = await judge(circular)
  t.ok(accepted)
  t.equal((parsed!.envelope as DocumentEnvelope).to.length, 111_000)
})

t.test('a stage that fails ends the reading with its error', async (t) => {
  const ways = [DEFAULT_LIMITS, { ...DEFAULT_LIMITS, ...STREAMED }]
  for (const [failAt, limits] of [0, 1].flatMap((at) => ways.map((way) => [at, way] as const))) {
    let writes = 0
    const stage = memoryStage()
    const write = stage.write.bind(stage)
    stage.write = async (content) => {
      if (writes++ === failAt) throw new Error('disk gone')
      return write(content)
    }
    const reading = parsePacket(chunked(vector('valid/edxml/document-new-order-b'), 1500), stage, limits)
    await t.rejects(reading, { message: 'disk gone' }, `write ${failAt}`)
  }
})

t.test('every libxml2 document was disposed', async (t) => {
  t.strictSame(diag.report(), {})
})
