import t from 'tap'
import { discardingStage } from '../../../src/blobs/memory-stage.ts'
import type { DocumentEnvelope } from '../../../src/domain/envelope.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import type { Element } from '../../../src/edxml/element.ts'
import { FAULTS } from '../../../src/edxml/fault-catalogue.ts'
import { DEFAULT_LIMITS } from '../../../src/edxml/limits.ts'
import { matchContents } from '../../../src/edxml/match-contents.ts'
import type { ParsedPacket } from '../../../src/edxml/parse-packet.ts'
import { stagePacket } from '../../../src/edxml/stage-packet.ts'
import { leastWorkTime, workTime } from '../../support/work-time.ts'
import { chunked, codesOf, judge, vector } from './vectors.ts'

const good = vector('valid/edxml/document-new-order-b').toString()
const inSubject = (text: string): Buffer => Buffer.from(good.replace('V/v chuẩn bị', () => text))
const DTD = (subset: string): string => good.replace('?>\n', () => `?>\n<!DOCTYPE edXML ${subset}>\n`)
const laughs = Array.from({ length: 12 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')

const HOSTILE: Record<string, { bytes: Buffer; problem?: string; fault?: string }> = {
  'external entity': {
    bytes: Buffer.from(DTD('[<!ENTITY x SYSTEM "file:///etc/passwd">]').replace('V/v', '&x;')),
    problem: 'packet-refused',
  },
  'external entity over the network': {
    bytes: Buffer.from(DTD('[<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]')),
    problem: 'packet-refused',
  },
  'external subset': { bytes: Buffer.from(DTD('SYSTEM "file:///dev/random"')), problem: 'packet-refused' },
  'billion laughs': {
    bytes: Buffer.from(DTD(`[<!ENTITY l0 "ha">${laughs}]`).replace('V/v', '&l12;')),
    problem: 'packet-refused',
  },
  'lower-case doctype': {
    bytes: Buffer.from(DTD('').replace('DOCTYPE', 'doctype')),
    problem: 'packet-refused',
  },
  'doctype behind a comment': {
    bytes: Buffer.from(good.replace('?>\n', '?>\n<!-- --><!DOCTYPE edXML>')),
    problem: 'packet-refused',
  },
  'declaration inside the root': { bytes: inSubject('<!ENTITY a "b">'), problem: 'packet-refused' },
  'NUL in text': { bytes: inSubject('\0'), problem: 'packet-malformed', fault: 'character-forbidden' },
  'NUL behind the root': {
    bytes: Buffer.from(`${good}\0`),
    problem: 'packet-malformed',
    fault: 'character-forbidden',
  },
  'NUL in base64': { bytes: Buffer.from(good.replace('JVBER', 'JVB\0R')), fault: 'base64-malformed' },
  'noncharacter U+FFFF': { bytes: inSubject('\uffff'), problem: 'packet-malformed' },
  'surrogate by reference': { bytes: inSubject('&#xD800;'), problem: 'packet-malformed' },
  'overlong UTF-8': {
    bytes: Buffer.from(inSubject('\u0080/').toString('latin1').replace('\xc2\x80/', '\xc0\xaf'), 'latin1'),
    problem: 'packet-malformed',
    fault: 'utf8-invalid',
  },
  'UTF-16': {
    bytes: Buffer.from(`\ufeff${good}`, 'utf16le'),
    problem: 'packet-refused',
    fault: 'encoding-not-utf8',
  },
  'UTF-7 declared': {
    bytes: Buffer.from(good.replace('UTF-8', 'UTF-7')),
    problem: 'packet-refused',
    fault: 'encoding-not-utf8',
  },
  'deep nesting': {
    bytes: Buffer.from('<a>'.repeat(1_000_000)),
    problem: 'packet-refused',
    fault: 'too-deep',
  },
  'deep nesting within the packet': { bytes: inSubject('<a>'.repeat(60)), problem: 'packet-refused' },
  'huge attribute': { bytes: inSubject(`<a b="${'x'.repeat(2_000_000)}"/>`), fault: 'text-interrupted' },
  'many attributes': {
    bytes: inSubject(`<a ${Array.from({ length: 5000 }, (_, n) => `a${n}=""`).join(' ')}/>`),
    fault: 'text-interrupted',
  },
  'the same attribute twice': { bytes: inSubject('<a b="" b=""/>'), problem: 'packet-malformed' },
  'huge name': { bytes: inSubject(`<${'a'.repeat(100_000)}/>`), problem: 'packet-malformed' },
  'unclosed comment': { bytes: inSubject('<!--'), problem: 'packet-malformed' },
  'unclosed CDATA': { bytes: inSubject('<![CDATA['), problem: 'packet-malformed' },
  'unclosed quote': { bytes: inSubject('<a b="'), problem: 'packet-malformed' },
  'two roots': { bytes: Buffer.from(good + good.replace(/^.*\n/, '')), problem: 'packet-malformed' },
  'an encoding declared beyond what is read of a declaration': {
    bytes: Buffer.from(good.replace(' encoding="UTF-8"', `${' '.repeat(130)}encoding="ISO-8859-1"`)),
    problem: 'packet-refused',
    fault: 'declaration-too-long',
  },
  'a subject of 2 MB': { bytes: inSubject('x'.repeat(2_000_000)), fault: 'value-beyond-limit' },
  'an unknown element of many, each with a recipient': {
    bytes: inSubject('<a><To>H98</To></a>'.repeat(5000)),
    fault: 'element-misplaced',
  },
  'only a declaration': { bytes: Buffer.from('<?xml version="1.0"?>'), problem: 'packet-malformed' },
  'only base64': { bytes: Buffer.from('QUJD'.repeat(50_000)), problem: 'packet-malformed' },
  gzip: { bytes: Buffer.from('1f8b0800000000000003', 'hex'), problem: 'packet-malformed' },
}

const MOST_MS = 100

t.test('hostile input is refused, in no time', async (t) => {
  await judge(Buffer.from(good))
  for (const [name, { bytes, problem, fault }] of Object.entries(HOSTILE)) {
    const { result: outcome, cpu } = await leastWorkTime(MOST_MS, () => judge(chunked(bytes)))
    // The same by either reader.
    await judge(bytes)
    t.notOk(outcome.accepted, `${name} is refused`)
    t.equal(outcome.problem, problem, `${name}: ${JSON.stringify(outcome.faults[0])}`)
    t.ok(codesOf(outcome.faults, 'error').length > 0, `${name} is told`)
    if (fault !== undefined)
      t.ok(codesOf(outcome.faults).includes(fault), `${name}: ${codesOf(outcome.faults)}`)
    t.ok(cpu < MOST_MS, `${name} took ${Math.round(cpu)} ms`)
  }
})

t.test('every truncation is refused', async (t) => {
  const end = good.lastIndexOf('>')
  for (let length = 0; length < end; length += 37) {
    const { accepted, problem } = await judge(Buffer.from(good.slice(0, length)))
    if (accepted || problem === undefined) t.fail(`cut at ${length}`)
  }
  t.notOk((await judge(Buffer.from(good.slice(0, end)))).accepted)
})

t.test('limits', async (t) => {
  const bytes = Buffer.from(good)
  const limits = {
    packetBytes: bytes.length - 1,
    skeletonBytes: 1000,
    attachments: 0,
    elements: 20,
  }
  for (const [name, most] of Object.entries(limits)) {
    const { problem, faults } = await judge(bytes, { [name]: most })
    t.equal(problem, 'payload-too-large', name)
    t.match(faults, [{ code: 'limit-exceeded', expected: new RegExp(`<= ${most}$`) }], name)
  }
  t.match(await judge(bytes, { depth: 5 }), { problem: 'packet-refused', faults: [{ code: 'too-deep' }] })
  t.ok((await judge(bytes, { packetBytes: bytes.length, attachments: 1, depth: 6 })).accepted)
  const endless = (async function* () {
    yield Buffer.from('<!--')
    for (;;) yield Buffer.alloc(1_000_000, 'x')
  })()
  t.match(await judge(endless, { skeletonBytes: 5_000_000 }), { problem: 'payload-too-large' })
})

t.test('no flood of warnings hides an error, nor takes long', async (t) => {
  const recipients = Array.from(
    { length: 50_000 },
    (_, n) => `<edXML:To><edXML:OrganId>${'H'.repeat(36)}${n}</edXML:OrganId></edXML:To>`,
  )
  const flood = [...recipients, '<edXML:To><edXML:OrganId>null</edXML:OrganId></edXML:To>'].join('')
  const packet = Buffer.from(good.replace(/<edXML:To>[\s\S]*<\/edXML:To>/, () => flood))
  const { result, cpu } = await workTime(() => judge(packet))
  const { accepted, faults } = result
  t.ok(cpu < 5_000, `${Math.round(cpu)} ms`)
  t.notOk(accepted)
  t.ok(codesOf(faults, 'error').includes('agency-code-null'))
  t.equal(codesOf(faults, 'warning').length, 100)
})

const replace = vector('valid/edxml/document-replace').toString()
const infos = (count: number, info: (n: number) => string) =>
  Buffer.from(
    replace.replace(/<edXML:ReplacementInfo>[\s\S]*<\/edXML:ReplacementInfo>/, () =>
      Array.from(
        { length: count },
        (_, n) => `<edXML:ReplacementInfo>${info(n)}</edXML:ReplacementInfo>`,
      ).join(''),
    ),
  )

t.test(
  'replacements of one document are merged in no time, those of many documents are bounded',
  async (t) => {
    const organ = (n: number) => `<edXML:OrganIdList><edXML:OrganId>A${n}</edXML:OrganId></edXML:OrganIdList>`
    const ofOne = infos(30_000, (n) => `<edXML:DocumentId>a</edXML:DocumentId>${organ(n)}`)
    const { result: one, cpu } = await workTime(() => judge(ofOne))
    t.ok(cpu < 5_000, `${Math.round(cpu)} ms`)
    t.ok(one.accepted)
    const { replacements } = (one.parsed!.envelope as DocumentEnvelope).business
    t.equal(replacements.length, 1)
    t.equal(replacements[0]!.organIds.length, 30_000)
    const document = (n: number) => `<edXML:DocumentId>a${n}</edXML:DocumentId>${organ(n)}`
    t.ok((await judge(infos(1000, document))).accepted)
    const many = await judge(infos(1001, document))
    t.strictSame(codesOf(many.faults, 'error'), ['limit-exceeded'])
    const all = [organ(1), '', organ(2)].map((list) => `<edXML:DocumentId>a</edXML:DocumentId>${list}`)
    const merged = (await judge(infos(3, (n) => all[n]!))).parsed!.envelope as DocumentEnvelope
    t.strictSame(merged.business.replacements, [{ documentId: 'a', organIds: [] }], 'once all, always all')
  },
)

t.test(
  'lists that a clerk writes are bounded, and those of agencies by the number of agencies',
  async (t) => {
    const limits: Record<string, (count: number) => string> = {
      'ResponseFor <= 1000': (count) =>
        good.replace(
          '<edXML:DocumentId>',
          (tag) =>
            `${'<edXML:ResponseFor><edXML:Code>1</edXML:Code></edXML:ResponseFor>'.repeat(count)}${tag}`,
        ),
      'Place <= 1000': (count) =>
        good.replace(
          /<edXML:ToPlaces>[\s\S]*<\/edXML:ToPlaces>/,
          `<edXML:ToPlaces>${'<edXML:Place>a</edXML:Place>'.repeat(count)}</edXML:ToPlaces>`,
        ),
    }
    for (const [expected, packet] of Object.entries(limits)) {
      t.ok((await judge(Buffer.from(packet(1000)))).accepted, expected)
      t.match((await judge(Buffer.from(packet(1001)))).faults, [{ code: 'limit-exceeded', expected }])
    }
    const recipients = '<edXML:To><edXML:OrganId>A</edXML:OrganId></edXML:To>'.repeat(150_001)
    const { faults } = await judge(
      Buffer.from(good.replace(/<edXML:To>[\s\S]*<\/edXML:To>/, () => recipients)),
    )
    t.ok(faults.some(({ expected }) => expected === 'To <= 150000'))
  },
)

t.test('a value may be ten times as long as the norm, no longer', async (t) => {
  const outcomes = async (length: number) =>
    codesOf((await judge(Buffer.from(good.replace(/(?<=<edXML:Subject>)[^<]*/, '𠀀'.repeat(length))))).faults)
  t.strictSame(await outcomes(500), [])
  t.strictSame(await outcomes(501), ['value-too-long'])
  t.strictSame(await outcomes(5000), ['value-too-long'])
  t.strictSame(await outcomes(5001), ['value-too-long', 'value-beyond-limit'])
  const id = (length: number) =>
    judge(Buffer.from(good.replace(/(?<=<edXML:DocumentId>)[^<]*/, 'a'.repeat(length))))
  t.strictSame((await id(200)).faults, [])
  t.strictSame(codesOf((await id(201)).faults), ['value-beyond-limit'])
})

t.test('faults show little of what they found, for they are logged', async (t) => {
  const { faults } = await judge(
    Buffer.from(good.replace('<edXML:Priority>1', `<edXML:Priority>${'9'.repeat(500)}`)),
  )
  t.equal(faults[0]?.code, 'priority-unknown')
  t.equal(faults[0]?.found?.length, 81)
  t.equal(FAULTS['priority-unknown'].severity, 'warning')
})

const attachmentsOf = (parsed: ParsedPacket | undefined) =>
  parsed?.envelope.kind === 'document' ? parsed.envelope.attachments : []

t.test('text that only looks like attachment content stays where it is', async (t) => {
  const decoy =
    '<!-- <AttachmentEncoded><Attachment><ContentTransferEncoded>QQ==</ContentTransferEncoded> -->'
  const { accepted, parsed } = await judge(
    Buffer.from(good.replace('  <AttachmentEncoded>', `  ${decoy}\n  <AttachmentEncoded>`)),
  )
  t.ok(accepted)
  t.equal(attachmentsOf(parsed).length, 1)
  const elsewhere = good.replace(
    '<edXML:DueDate>',
    '<ContentTransferEncoded>QQ==</ContentTransferEncoded><edXML:DueDate>',
  )
  t.equal(attachmentsOf((await judge(Buffer.from(elsewhere))).parsed).length, 1)
})

t.test('where the lexer and libxml2 see different contents, the packet is refused', async (t) => {
  const { skeleton, contents } = await stagePacket(
    chunked(Buffer.from(good)),
    discardingStage(),
    DEFAULT_LIMITS,
  )
  const placeholder = skeleton.cuts[0]!.placeholder
  const tree = (...texts: string[]): Element => {
    const element = (name: string, parent: Element | null, text = '') => {
      const made = {
        name,
        namespace: '',
        line: 1,
        text,
        attributes: [],
        interrupted: false,
        parent,
        children: [] as Element[],
      }
      if (parent !== null) (parent.children as Element[]).push(made)
      return made
    }
    const root = element('edXML', null)
    const encoded = element('AttachmentEncoded', root)
    for (const text of texts) element('ContentTransferEncoded', element('Attachment', encoded), text)
    return root
  }
  t.equal(matchContents(tree(placeholder), skeleton, contents).size, 1)
  for (const texts of [
    [],
    ['QQ=='],
    [placeholder, 'QQ=='],
    [`${placeholder}QQ==`],
    ['', 'QQ=='],
    [placeholder, placeholder],
  ]) {
    t.throws(() => matchContents(tree(...texts), skeleton, contents), GatewayError, JSON.stringify(texts))
  }
})
