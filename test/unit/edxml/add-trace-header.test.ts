import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import type { Envelope } from '../../../src/domain/envelope.ts'
import { addTraceHeader } from '../../../src/edxml/add-trace-header.ts'
import { chunked, foreignSamples, judge, validVectors } from './vectors.ts'

const HOP = { organId: 'TRAM-H90', timestamp: '2026/11/22 06:30:00' }

const withTrace = async (bytes: Buffer, ...cuts: number[]): Promise<Buffer> => {
  const { length, open } = await addTraceHeader(
    { length: bytes.length, open: () => chunked(bytes, ...cuts) },
    HOP,
  )
  const made = await buffer(Readable.from(open()))
  t.equal(made.length, length, 'the length is known before')
  return made
}

/** Every packet of the vectors and of other systems that intake takes. */
async function packets(): Promise<[name: string, bytes: Buffer, envelope: Envelope][]> {
  const all = [
    ...validVectors.map(({ name, bytes }): [string, Buffer] => [name, bytes]),
    ...(foreignSamples() ?? new Map<string, Buffer>()),
  ]
  const taken: [string, Buffer, Envelope][] = []
  for (const [name, bytes] of all) {
    const { accepted, parsed } = await judge(bytes)
    if (accepted && parsed !== undefined) taken.push([name, bytes, parsed.envelope])
  }
  return taken
}

t.test('every packet says what it said, and one hop more', async (t) => {
  let documents = 0
  for (const [name, bytes, before] of await packets()) {
    const made = await withTrace(bytes)
    if (before.kind === 'status') {
      t.ok(made.equals(bytes), `${name}: a status stays as it is`)
      continue
    }
    documents += 1
    const { accepted, parsed, faults } = await judge(made)
    t.ok(accepted, `${name}: ${JSON.stringify(faults)}`)
    t.strictSame(parsed?.envelope, { ...before, trace: [...before.trace, HOP] }, name)
    t.ok(isInsertion(bytes, made), `${name}: every other byte stays`)
  }
  t.ok(documents > 10)
})

/** What was there begins and ends what is made; of an empty-element tag, `/>` has made way. */
function isInsertion(before: Buffer, made: Buffer): boolean {
  let at = 0
  while (before[at] === made[at] && at < before.length) at += 1
  const tail = before.subarray(before.subarray(at, at + 2).toString() === '/>' ? at + 2 : at)
  return made.subarray(made.length - tail.length).equals(tail)
}

const packet = (header: string, prefix = 'edXML:'): Buffer =>
  Buffer.from(
    `<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016" xmlns:q="http://www.mic.gov.vn/TBT/QCVN_102_2016" ` +
      `xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016"><${prefix}edXMLEnvelope><${prefix}edXMLHeader>` +
      `<${prefix}MessageHeader a="/>" ><!-- <edXML:TraceHeaderList> --></${prefix}MessageHeader>${header}` +
      `</${prefix}edXMLHeader></${prefix}edXMLEnvelope></edXML>`,
  )

const TRACE = (prefix: string) =>
  `<${prefix}TraceHeader><${prefix}OrganId>TRAM-H90</${prefix}OrganId>` +
  `<${prefix}Timestamp>2026/11/22 06:30:00</${prefix}Timestamp></${prefix}TraceHeader>`

t.test('it stands where others look for it, in the prefix of the packet', async (t) => {
  const made = async (header: string, prefix?: string) => (await withTrace(packet(header, prefix))).toString()
  const made1 = await made('')
  t.ok(
    made1.includes(
      `</edXML:MessageHeader><edXML:TraceHeaderList version="1.0">${TRACE('edXML:')}</edXML:TraceHeaderList></edXML:edXMLHeader>`,
    ),
    made1,
  )
  t.ok((await made('<Signature/>')).includes('</edXML:TraceHeaderList><Signature/>'), 'before the signature')
  const list = (content: string) => `<q:TraceHeaderList id='>'>${content}</q:TraceHeaderList>`
  t.ok(
    (await made(list('<q:Bussiness/>'))).includes(list(`${TRACE('q:')}<q:Bussiness/>`)),
    'before Bussiness',
  )
  const one = '<q:TraceHeader><q:OrganId>A</q:OrganId></q:TraceHeader>'
  t.ok((await made(list(`${one}<q:Bussiness/>`))).includes(list(`${one}${TRACE('q:')}<q:Bussiness/>`)))
  t.ok((await made(list(`<q:Bussiness/>${one} `))).includes(list(`<q:Bussiness/>${one}${TRACE('q:')} `)))
  t.ok(
    (await made('<q:TraceHeaderList id="1" />')).includes(
      `<q:TraceHeaderList id="1" >${TRACE('q:')}</q:TraceHeaderList>`,
    ),
  )
  t.ok(
    (await made('<TraceHeaderList></TraceHeaderList>')).includes(
      `<TraceHeaderList>${TRACE('')}</TraceHeaderList>`,
    ),
  )
})

t.test('chunks decide nothing', async (t) => {
  const samples = [packet('<q:TraceHeaderList id="1"/>'), packet('<![CDATA[</x>]]><!--->-->')]
  for (const bytes of samples) {
    const whole = await withTrace(bytes)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) =>
        whole.equals(await withTrace(bytes, ...cuts)),
      ),
      { numRuns: 60 },
    )
    const each = Array.from({ length: bytes.length }, (_, at) => at)
    t.ok(whole.equals(await withTrace(bytes, ...each)), 'byte by byte')
  }
})

t.test('a name that holds markup stays a name', async (t) => {
  const bytes = packet('')
  const { open } = await addTraceHeader(
    { length: bytes.length, open: () => chunked(bytes) },
    { organId: '<&>', timestamp: '' },
  )
  t.ok((await buffer(Readable.from(open()))).includes('<edXML:OrganId>&lt;&amp;&gt;</edXML:OrganId>'))
})

t.test('what is no packet, or has a tag without an end, is an error', async (t) => {
  const odd = (text: string) => addTraceHeader({ length: 1, open: () => chunked(Buffer.from(text)) }, HOP)
  await t.rejects(odd('<a/>'), RangeError)
  await t.rejects(odd(`<a b="${'x'.repeat(2 ** 21)}`), /does not end/)
  const headless = packet('')
    .toString()
    .replace(/<edXML:MessageHeader.*MessageHeader>/, '')
  await t.rejects(odd(headless), /MessageHeader/)
})
