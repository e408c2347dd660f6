import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type AgencySystem, agencyDoor } from '../support/agency-door.ts'
import { testGateway } from '../support/gateway.ts'
import { watchOutbound } from '../support/watch-outbound.ts'

/*
 * JSON that parsers fall over, and texts that programs mishandle, as others collected them: refused, or taken in and
 * given out unchanged; never a fault of the server, never a call to somebody else.
 */
const JSON_CORPUS = '../shared/corpora/json/'
const TEXTS = '../shared/corpora/strings/'
const skip = (corpus: string) => (existsSync(corpus) ? false : `there is no ${corpus}`)

interface JsonCase {
  readonly id: string
  readonly file: string
  readonly expect: { readonly verdict: 'accept' | 'reject' | 'either' }
}
interface TextCase {
  readonly id: string
  readonly file: string
}

const casesOf = <C>(corpus: string): C[] =>
  (JSON.parse(readFileSync(`${corpus}cases.json`, 'utf8')) as { cases: C[] }).cases

const HEADER = {
  to: [{ organId: 'H90' }],
  codeNotation: 'BTN-VP',
  place: 'Hà Nội',
  promulgationDate: '2026-11-20',
  documentType: { type: 2, typeName: 'Công văn' },
  signer: { fullName: 'Nguyễn Văn Thử' },
}

/** Every n-th line of the lists: one is much like another, and each costs a request. */
const EVERY = 7

function texts(): string[] {
  const lines = casesOf<TextCase>(TEXTS)
    .filter(({ file }) => file.endsWith('.txt'))
    .flatMap(({ file }) => readFileSync(TEXTS + file, 'utf8').split('\n'))
  const naughty = JSON.parse(readFileSync(`${TEXTS}files/blns.json`, 'utf8')) as string[]
  return [...naughty, ...lines].filter((_, index) => index % EVERY === 0).filter((one) => one !== '')
}

t.test('odd input', async (t) => {
  const gateway = await testGateway(t)
  const { system, served } = await agencyDoor(t, gateway, ['G90', 'H90'])
  const [ministry, province] = [system('G90'), system('H90')]

  await t.test('JSON', { skip: skip(JSON_CORPUS) }, async (t) => {
    const answered = new Map<string, number>()
    for (const { id, file, expect } of casesOf<JsonCase>(JSON_CORPUS)) {
      const body = readFileSync(JSON_CORPUS + file)
      const answer = await ministry('POST', '/documents', { body, type: 'application/json' })
      const isMalformed = answer.status === 400
      if (answer.status < 400 || answer.status > 499) t.fail(`${id}: ${answer.status}`)
      if (expect.verdict === 'accept' && isMalformed) t.fail(`${id}: sound JSON, yet ${answer.bytes}`)
      if (expect.verdict === 'reject' && !isMalformed) t.fail(`${id}: ${answer.status} ${answer.bytes}`)
      const key = `${expect.verdict}: ${answer.status}`
      answered.set(key, (answered.get(key) ?? 0) + 1)
    }
    t.comment(JSON.stringify(Object.fromEntries(answered)))
    t.ok(answered.size > 0)
  })

  await t.test('texts', { skip: skip(TEXTS), timeout: 240_000 }, async (t) => {
    const outbound = watchOutbound([
      Number(new URL(served.url).port),
      Number(new URL(gateway.api.config.databaseUrl).port || 5432),
    ])
    const tally = { kept: 0, refused: 0 }
    let number = 0
    for (const text of texts()) tally[await putThrough(text, ministry, province)] += 1
    t.same(outbound.found(), [], 'nobody was called')
    outbound.stop()
    t.ok(tally.kept > 50)
    t.comment(JSON.stringify(tally))

    /** As a subject and as a query. What is taken in comes out as it went in, or with its blanks as one. */
    async function putThrough(
      text: string,
      from: AgencySystem,
      to: AgencySystem,
    ): Promise<'kept' | 'refused'> {
      const asked = await to(
        'GET',
        `/documents?edxmlDocumentId=${encodeURIComponent(Buffer.from(text).toString('utf8'))}`,
      )
      if (asked.status >= 500) t.fail(`asked for ${JSON.stringify(text)}: ${asked.status}`)
      const sent = await from('POST', '/documents', {
        body: { ...HEADER, codeNumber: String(++number), subject: text },
      })
      if (sent.status >= 500) t.fail(`${JSON.stringify(text)}: ${sent.status} ${sent.bytes}`)
      if (sent.status >= 400) return 'refused'
      const shown = (await from('GET', `/documents/${sent.body.documentId}`)).bytes.toString('utf8')
      const { subject } = (JSON.parse(shown) as { header: { subject?: string } }).header
      const plain = (one: string) => one.normalize('NFC').replace(/\s+/gu, ' ').trim()
      if (plain(subject ?? '') !== plain(text))
        t.fail(`${JSON.stringify(text)} came out as ${JSON.stringify(subject)}`)
      return 'kept'
    }
  })
})
