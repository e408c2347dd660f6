import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { type AxisHeader, axisOperation } from '../../../src/axis/operations.ts'
import { signHeaders } from '../../../src/axis/sign-headers.ts'
import { claimedSystemId, verifySignedHeaders } from '../../../src/axis/signed-headers.ts'
import { workTime } from '../../support/work-time.ts'
import { captures } from './captures.ts'

const captured = captures()
const skip = captured === undefined && 'no captures beside the project'
const { secret, requests } = captured ?? { secret: '', requests: [] }

/** As they come to us: the signed headers, and Content-Type. */
const raw = (headers: Record<string, string>): string[] => [
  ...Object.entries(headers).flat(),
  ...(headers['XroadVnpt-Content-Type'] === undefined
    ? []
    : ['Content-Type', headers['XroadVnpt-Content-Type']]),
]

const FIELDS = { systemid: 'dms', timestamp: '21112026T190625+0837', 'Content-Type': 'application/json' }
const signed = (fields: Partial<Record<AxisHeader, string>> = {}) =>
  raw(signHeaders({ ...FIELDS, ...fields }, 's1'))

/** A request whose sign-header is this very text, with a fitting hash. */
const forged = (
  text: string,
  keys: string,
  headers: readonly string[],
  encoding: BufferEncoding = 'latin1',
) => [
  ...headers,
  'XroadVnpt-sign-header-key',
  keys,
  'XroadVnpt-sign-header',
  text,
  'XroadVnpt-hash-header',
  createHmac('sha256', 's1').update(text, encoding).digest('hex'),
]

const faultOf = (headers: readonly string[], secrets: readonly string[] = ['s1']) => {
  const verification = verifySignedHeaders(headers, secrets)
  return verification.ok ? 'ok' : verification.fault
}

t.test('every captured request of the vendor’s client verifies', { skip }, async (t) => {
  t.equal(requests.length, 21)
  for (const { name, path, rawHeaders } of requests) {
    const verification = verifySignedHeaders(rawHeaders, ['of somebody else', secret])
    if (!verification.ok) {
      t.fail(`${name}: ${verification.fault} ${verification.header}`)
      continue
    }
    const { headers } = verification
    t.equal(headers.systemId, 'test.system', name)
    t.equal(claimedSystemId(rawHeaders), headers.systemId, name)
    t.match(headers.timestamp, /^21112026T19\d{4}\+\d{4}$/, name)
    t.ok(axisOperation(path), name)
    t.equal(faultOf(rawHeaders, ['test-secret ']), 'hash-differs', name)
    t.equal(faultOf(rawHeaders, []), 'hash-differs', name)
  }
  const leaking = requests.find(({ name }) => name.endsWith('reused-instance/04-updateStatus.http'))
  const verified = verifySignedHeaders(leaking?.rawHeaders ?? [], [secret])
  t.equal(verified.ok && verified.headers.get('docId'), '0dbcb61d')
  t.equal(verified.ok && verified.headers.get('to'), '["000.00.00.H41"]', 'unescaped')
})

t.test('a captured request that was changed in any header it signs verifies no more', { skip }, async (t) => {
  const ofSignature = /^XroadVnpt-(?!version)|^Content-Type$/i
  let changed = 0
  for (const { name, rawHeaders } of requests) {
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const header = rawHeaders[at] ?? ''
      if (!ofSignature.test(header)) continue
      changed += 1
      t.not(faultOf(rawHeaders.with(at + 1, `${rawHeaders[at + 1]}0`), [secret]), 'ok', `${name} ${header}`)
      t.not(faultOf(rawHeaders.toSpliced(at, 2), [secret]), 'ok', `${name} without ${header}`)
      t.equal(
        faultOf([...rawHeaders, header.toUpperCase(), 'x'], [secret]),
        'header-repeated',
        `${name} ${header} twice`,
      )
    }
  }
  t.ok(changed > 150)
})

t.test('what is signed is verified, and found again as it was', async () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !/\p{Cc}|^\s|\s$/u.test(text))
  const names = ['docId', 'filePath', 'from', 'to', 'status', 'description', 'messagetype'] as const
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), value, (fields, key) => {
      const headers = raw(signHeaders({ ...FIELDS, ...fields }, key))
      const verification = verifySignedHeaders(headers, ['other', key])
      if (!verification.ok) return false
      return names.every((name) => verification.headers.get(name) === fields[name])
    }),
    { numRuns: 300 },
  )
})

t.test('headers that nobody signed do not exist', async (t) => {
  const verification = verifySignedHeaders(
    [...signed(), 'XroadVnpt-docId', 'd1', 'XroadVnpt-status', 'done'],
    ['s1'],
  )
  t.ok(verification.ok)
  t.equal(verification.ok && verification.headers.get('docId'), undefined)
  t.equal(verification.ok && verification.headers.get('status'), undefined)
})

t.test('any of the secrets in force will do, and names of headers come in any case', async (t) => {
  t.equal(faultOf(signed(), ['s2', 's1']), 'ok')
  t.equal(faultOf(signed(), ['s2']), 'hash-differs')
  t.equal(faultOf(signed().map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text))), 'ok')
})

t.test('a header cannot be repeated, nor one of the signature left out', async (t) => {
  const headers = signed({ docId: 'd1' })
  t.equal(faultOf([...headers, 'xroadvnpt-DOCID', 'd2']), 'header-repeated')
  t.equal(faultOf([...headers, 'content-type', 'text/xml']), 'header-repeated')
  for (const name of ['sign-header-key', 'sign-header', 'hash-header']) {
    t.equal(faultOf(headers.toSpliced(headers.indexOf(`XroadVnpt-${name}`), 2)), 'header-missing', name)
  }
  t.equal(faultOf(headers.toSpliced(headers.indexOf('Content-Type'), 2)), 'value-differs')
  t.equal(faultOf(raw(signHeaders({ systemid: 'dms' }, 's1'))), 'header-missing', 'no timestamp')
  t.equal(faultOf(raw(signHeaders({ timestamp: FIELDS.timestamp }, 's1'))), 'header-missing', 'no systemid')
  t.equal(faultOf([]), 'header-missing')
})

t.test('the names of both lists are the same, each once', async (t) => {
  const real = ['XroadVnpt-systemid', 'dms', 'XroadVnpt-timestamp', 't']
  const text = '{"XroadVnpt-systemid":"dms","XroadVnpt-timestamp":"t"}'
  t.equal(faultOf(forged(text, 'systemid;timestamp', real)), 'ok')
  for (const keys of [
    '',
    'systemid',
    'systemid;timestamp;docId',
    'systemid;systemid',
    'systemid;timestamp;timestamp',
    'Systemid;timestamp',
    'systemid;timestamp;',
    'XroadVnpt-systemid;XroadVnpt-timestamp',
  ]) {
    t.equal(faultOf(forged(text, keys, real)), 'names-differ', keys)
  }
})

t.test('a sign-header that is no flat object of texts is refused, though its hash fits', async (t) => {
  const real = ['XroadVnpt-systemid', 'dms', 'XroadVnpt-timestamp', 't', 'XroadVnpt-docId', 'd1']
  const keys = 'systemid;timestamp;docId'
  const start = '"XroadVnpt-systemid":"dms","XroadVnpt-timestamp":"t"'
  for (const text of [
    '',
    'null',
    '[]',
    '"x"',
    '{',
    `{${start},}`,
    `{${start},"XroadVnpt-docId":1}`,
    `{${start},"XroadVnpt-docId":null}`,
    `{${start},"XroadVnpt-docId":{"a":"b"}}`,
    `{${start},"XroadVnpt-docId":"d1"} `.replace('} ', '}x'),
    `{${start},"XroadVnpt-docId":"d1`,
    `{${start},"XroadVnpt-docId":"\\x"}`,
    `{${start},"XroadVnpt-docId":"d1\\`,
    `{${'"a":"b",'.repeat(100)}${start}}`,
  ]) {
    t.equal(faultOf(forged(text, keys, real)), 'sign-header-malformed', text.slice(0, 80))
  }
  const twice = `{${start},"XroadVnpt-docId":"d2","XroadVnpt-docId":"d1"}`
  t.equal(faultOf(forged(twice, keys, real)), 'header-repeated')
  const twoCases = `{${start},"XroadVnpt-docid":"d1"}`
  t.equal(faultOf(forged(twoCases, 'systemid;timestamp;docid', real)), 'ok', 'one, in another case')
  const both = `{${start},"XroadVnpt-docid":"d1","XroadVnpt-docId":"d1"}`
  t.equal(faultOf(forged(both, 'systemid;timestamp;docid;docId', real)), 'header-repeated')
})

t.test('names that mean something to the language mean nothing here', async (t) => {
  const real = ['XroadVnpt-systemid', 'dms', 'XroadVnpt-timestamp', 't', 'XroadVnpt-__proto__', 'x']
  const start = '"XroadVnpt-systemid":"dms","XroadVnpt-timestamp":"t"'
  const inPrefix = verifySignedHeaders(
    forged(`{${start},"XroadVnpt-__proto__":"x"}`, 'systemid;timestamp;__proto__', real),
    ['s1'],
  )
  t.ok(inPrefix.ok)
  t.equal(inPrefix.ok && inPrefix.headers.get('docId'), undefined)
  t.equal(
    faultOf(forged(`{${start},"__proto__":"x"}`, 'systemid;timestamp;__proto__', real)),
    'names-differ',
    'without prefix',
  )
  t.equal(
    faultOf(forged(`{${start},"XroadVnpt-constructor":"x"}`, 'systemid;timestamp;constructor', real)),
    'value-differs',
  )
})

t.test('texts are verified as UTF-8 and as latin-1, and are the same text either way', async (t) => {
  const text = `{"XroadVnpt-systemid":"dms","XroadVnpt-timestamp":"t","XroadVnpt-filePath":"C:\\\\Công văn"}`
  const keys = 'systemid;timestamp;filePath'
  const bytes = (value: string) => Buffer.from(value, 'utf8').toString('latin1')
  const real = (path: string) => [
    'XroadVnpt-systemid',
    'dms',
    'XroadVnpt-timestamp',
    't',
    'XroadVnpt-filePath',
    path,
  ]
  const asUtf8 = forged(bytes(text), keys, real(bytes('C:\\Công văn')))
  const asLatin1 = forged(text.replace('ă', 'a'), keys, real('C:\\Công van'), 'utf8')
  for (const [headers, path] of [
    [asUtf8, 'C:\\Công văn'],
    [asLatin1, 'C:\\Công van'],
  ] as const) {
    const verification = verifySignedHeaders(headers, ['s1'])
    t.equal(verification.ok && verification.headers.get('filePath'), path)
  }
})

t.test('white space at the ends of values is HTTP’s, and counts for nothing', async (t) => {
  const text = '{"XroadVnpt-systemid":"dms","XroadVnpt-timestamp":"t","XroadVnpt-filePath":"C:\\\\edoc "}'
  const real = ['XroadVnpt-systemid', 'dms', 'XroadVnpt-timestamp', 't', 'XroadVnpt-filePath', 'C:\\edoc']
  t.equal(faultOf(forged(text, 'systemid;timestamp;filePath', real)), 'ok')
})

t.test('a header of a megabyte is judged at once', async (t) => {
  const to = JSON.stringify(Array.from({ length: 20_000 }, (_, at) => `000.00.${at}.H41`))
  const headers = signed({ to })
  t.ok(headers.join('').length > 600_000)
  const forgery = forged(`{"${'\\"'.repeat(500_000)}`, 'systemid', [])
  const { result, cpu } = await workTime(async () => [
    faultOf(headers),
    faultOf(headers, ['other']),
    faultOf(forgery),
  ])
  t.strictSame(result, ['ok', 'hash-differs', 'sign-header-malformed'])
  t.ok(cpu < 2_000, `${Math.round(cpu)} ms`)
})

t.test('what cannot be a header is not signed', async (t) => {
  t.throws(() => signHeaders({ docId: 'a\r\nHost: b' }, 's1'), TypeError)
})

t.test('the last segment of a path names the operation, under any prefix', async (t) => {
  t.equal(axisOperation('/sendEdoc'), 'sendEdoc')
  t.equal(axisOperation('/xrdvxp/v3/getEdoc?x=/sendEdoc'), 'getEdoc')
  t.equal(axisOperation('//getEdoc/'), 'getEdoc')
  for (const path of ['/', '', '/sendedoc', '/sendEdoc/x', '/constructor', '/__proto__', '/sendEdoc%20']) {
    t.equal(axisOperation(path), undefined, path)
  }
})
