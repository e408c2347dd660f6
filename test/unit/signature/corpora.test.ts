import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ParseOption, XmlDocument, type XmlElement } from 'libxml2-wasm'
import t, { type Test } from 'tap'
import { checkCms, openCms } from '../../../src/signature/formats/cms.ts'
import { checkPdfSignatures } from '../../../src/signature/formats/pades.ts'
import { type LaterChange, laterChange, newEffort } from '../../../src/signature/formats/pdf-changes.ts'
import { CANONICALIZATIONS, canonicalBytes } from '../../../src/signature/formats/xmldsig-canonical.ts'
import { EMPTY_TRUST, type TrustStore } from '../../../src/signature/trust-store.ts'
import { bytesSource, verifyAttachment } from '../../../src/signature/verify-attachment.ts'
import { parseCertificate } from '../../../src/signature/x509/certificate.ts'
import { checkPath } from '../../../src/signature/x509/path.ts'

/*
 * Signed files, attacks and certificate paths by others, where they are at hand. What must hold here is that nothing
 * broken is called whole and intact; how many sound files are not yet understood is told, not judged.
 */
const CORPORA = resolve('../shared/corpora')
const skip = existsSync(CORPORA) ? false : 'the corpora are not at hand'

interface Case {
  readonly id: string
  readonly file?: string
  readonly detached?: readonly { readonly file: string }[]
  readonly edits?: readonly { readonly offset: number; readonly to: number }[]
  readonly target?: string
  readonly append?: string
  readonly expect: { readonly verdict: string; readonly naiveEngine?: string; readonly note?: string }
}

const casesOf = <T = Case>(corpus: string): T[] =>
  JSON.parse(readFileSync(join(CORPORA, corpus, 'cases.json'), 'utf8')).cases

type Answer = 'absent' | 'invalid' | 'unverifiable' | 'part' | 'whole'

const context = { trust: EMPTY_TRUST, time: new Date('2026-01-01') }

async function answerTo(corpus: string, one: Case): Promise<Answer> {
  const read = (path: string) => Buffer.from(readFileSync(join(CORPORA, corpus, path)))
  let bytes = read(one.file!)
  const outside = one.detached?.[0] && read(one.detached[0].file)
  const target = one.target?.startsWith('detached') ? outside! : bytes
  for (const { offset, to } of one.edits ?? []) target[offset] = to
  if (one.append !== undefined) bytes = Buffer.concat([bytes, Buffer.from(one.append, 'hex')])
  const findings =
    /\.(?:p7s|p7m|sig|cms)$/.test(one.file!) && outside
      ? await detachedCms(bytes, outside)
      : (await verifyAttachment(bytesSource(bytes), 'x', undefined, context)).findings
  if (findings.length === 0) return 'absent'
  const states = findings.map(({ state }) => state)
  if (states.includes('invalid')) return 'invalid'
  if (states.includes('unverifiable')) return 'unverifiable'
  const isWhole = findings.every(({ checks }) =>
    checks.every(({ check, outcome }) => check !== 'whole-document' || outcome === 'passed'),
  )
  return isWhole ? 'whole' : 'part'
}

async function detachedCms(bytes: Uint8Array, content: Uint8Array) {
  const { findings: checked } = await verifyAttachment(bytesSource(bytes), 'x', undefined, context)
  const isReadable = checked.some(({ checks }) =>
    checks.some(({ reason }) => /not in this file/.test(reason?.en ?? '')),
  )
  if (!isReadable) return checked
  return checkCms('cms', openCms(bytes), async function* () {
    yield content
  })
}

/** Refused upstream for who signed or what a SAML rule wants; the signature over the whole document is sound. */
const SOUND_BUT_REFUSED = new Set([
  'xmldsig-attacks/node-saml/invalid/response.root-resigned-by-attacker-assertion-unsigned-attackers-cert-at-keyinfo.xml',
  'xmldsig-attacks/node-saml/invalid/response.root-signed.assertion-invalidly-signed-encrypted.xml',
  'xmldsig-attacks/signxml-xades/xades-ecc-brainpool.xml',
  'xmldsig-interop/xmlsec/175-enveloping-sha256-rsa-sha256',
])

const SOUND = /^(?:intact|accept|valid|disputed)$/

async function judge(
  t: Pick<Test, 'fail' | 'ok' | 'comment'>,
  corpus: string,
  cases: readonly Case[],
): Promise<void> {
  const tally = new Map<string, number>()
  for (const one of cases) {
    if (one.file === undefined || !existsSync(join(CORPORA, corpus, one.file))) continue
    const answer = await answerTo(corpus, one)
    const key = `${one.expect.verdict} → ${answer}`
    tally.set(key, (tally.get(key) ?? 0) + 1)
    const falseAccept =
      answer === 'whole' && !SOUND.test(one.expect.verdict) && !SOUND_BUT_REFUSED.has(one.id)
    if (falseAccept) t.fail(`${one.id}: ${one.expect.verdict}, yet called whole and intact`)
  }
  t.ok(tally.size > 0)
  for (const [key, count] of [...tally].sort()) t.comment(`${key}: ${count}`)
}

for (const corpus of [
  'xmldsig-attacks',
  'xmldsig-interop',
  'dss-xades',
  'dss-pades',
  'pyhanko-pdf',
  'pdf-misc',
  'dss-cades',
  'cms-misc',
]) {
  t.test(`no false accept in ${corpus}`, { skip }, async (t) => {
    await judge(t, corpus, casesOf(corpus))
  })
}

/** Changed after signing, by what their names or the notes of their makers say. */
const CHANGED = [
  'pyhanko-pdf/form-update-override-appearance-stream-sneaky.pdf',
  'pyhanko-pdf/form-update-override-appearance-stream-ap-indirect-sneaky.pdf',
  'dss-pades/validation/dss-2236/hide.pdf',
  'dss-pades/validation/pdf-signed-added-page.pdf',
  'dss-pades/validation/pades-signed-annot-added.pdf',
  'dss-pades/validation/pades-spoofing-replaced-reason.pdf',
]
/** Only signed, stamped with a time, or extended for the long term. */
const ONLY_SIGNED = [
  'pyhanko-pdf/minimal-signed-twice-no-sig-type.pdf',
  'pyhanko-pdf/pades-lta-dss-indirect-arrs-test.pdf',
  'dss-pades/validation/pades-ltv-with-reason.pdf',
  'dss-pades/validation/dss-2058/dss-2058-LTA-test.pdf',
  'dss-pades/validation/Signature-P-SK-6.pdf',
]

t.test('later revisions of PDFs: signed only, or changed', { skip }, async (t) => {
  const tally = { 'only-signed': 0, changed: 0 }
  for (const corpus of ['pyhanko-pdf', 'dss-pades', 'pdf-misc']) {
    for (const one of casesOf(corpus)) {
      const path = join(CORPORA, corpus, one.file ?? '')
      if (one.file === undefined || !existsSync(path)) continue
      const source = bytesSource(readFileSync(path))
      const sound = (await checkPdfSignatures(source)).filter(
        ({ end, checked }) => end > 0 && checked.state === 'valid',
      )
      const ends = [...new Set([...sound.map(({ end }) => end), source.length])].sort((a, b) => a - b)
      const kinds: LaterChange['kind'][] = []
      for (const [index, end] of ends.slice(0, -1).entries())
        kinds.push((await laterChange(source, end, ends[index + 1]!, newEffort())).kind)
      for (const kind of kinds) tally[kind] += 1
      if (CHANGED.includes(one.id)) t.ok(kinds.includes('changed'), one.id)
      if (ONLY_SIGNED.includes(one.id)) t.ok(kinds.length > 0 && !kinds.includes('changed'), one.id)
    }
  }
  t.comment(`signed only: ${tally['only-signed']}, changed or not understood: ${tally.changed}`)
})

t.test('no false accept among every eighth mutation', { skip }, async (t) => {
  const all = casesOf('mutations')
  await judge(
    t,
    'mutations',
    all.filter((_, index) => index % 8 === 0),
  )
  t.comment(`a sample: every eighth of ${all.length}`)
})

t.test('DOCTYPEs are refused unread', { skip }, async (t) => {
  for (const one of casesOf('xml-dtd-attacks')) {
    if (one.file === undefined) continue
    const bytes = readFileSync(join(CORPORA, 'xml-dtd-attacks', one.file))
    const start = Date.now()
    const { findings } = await verifyAttachment(bytesSource(bytes), 'x', 'application/xml', context)
    if (findings.some(({ state }) => state === 'valid')) t.fail(one.id)
    if (Date.now() - start > 1000) t.fail(`${one.id} took over a second`)
  }
  t.pass()
})

interface CanonicalCase {
  readonly id: string
  readonly kind: string
  readonly file: string
  readonly elementIndex?: number | null
  readonly doctype: boolean
  readonly outputs: Record<string, { readonly sha256: string }>
}

const C14N: Record<string, string> = {
  c14n10: 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
  'c14n10#WithComments': 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments',
  c14n11: 'http://www.w3.org/2006/12/xml-c14n11',
  'c14n11#WithComments': 'http://www.w3.org/2006/12/xml-c14n11#WithComments',
  exc: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  'exc#WithComments': 'http://www.w3.org/2001/10/xml-exc-c14n#WithComments',
}

t.test('canonical forms are those of two other engines', { skip }, async (t) => {
  let agreed = 0
  for (const one of casesOf<CanonicalCase>('c14n').filter(
    ({ kind, doctype }) => kind === 'oracle' && !doctype,
  )) {
    const path = join(CORPORA, 'c14n', one.file)
    if (!existsSync(path)) continue
    const document = XmlDocument.fromBuffer(readFileSync(path), { option: ParseOption.XML_PARSE_NO_XXE })
    const index = one.elementIndex ?? -1
    const target = index < 0 ? document : (document.find('//*')[index] as XmlElement)
    for (const [algorithm, { sha256 }] of Object.entries(one.outputs)) {
      const octets = canonicalBytes(target, CANONICALIZATIONS[C14N[algorithm]!]!)
      if (createHash('sha256').update(octets).digest('hex') === sha256) agreed++
      else t.fail(`${one.id} ${algorithm}`)
    }
    document.dispose()
  }
  t.ok(agreed > 0, `${agreed} agree`)
})

interface PathCase {
  readonly id: string
  readonly trustAnchor: string
  readonly chain: readonly string[]
  readonly expect: { readonly verdict: string }
}

/** PKITS sections whose rules the plain path check states as not made: revocation, policies, name constraints. */
const PLAIN_SECTIONS = /\/4\.(?:1|2|3|5|6|7)\./
/** Invalid only for what a CRL would tell. */
const NEEDS_CRL = /\/4\.(?:5\.[27]|7\.[45])\//

t.test('PKITS: no invalid path is trusted, for the rules that are checked', { skip }, async (t) => {
  const read = (path: string) => parseCertificate(readFileSync(join(CORPORA, 'x509-pkits', path)))
  const time = new Date('2012-01-01')
  const rejected: string[] = []
  for (const one of casesOf<PathCase>('x509-pkits').filter(
    ({ id }) => PLAIN_SECTIONS.test(id) && !NEEDS_CRL.test(id),
  )) {
    try {
      const certificates = one.chain.map(read)
      const anchor = { certificate: read(one.trustAnchor), purposes: new Set(['signature'] as const) }
      const trust: TrustStore = { anchors: [anchor], intermediates: certificates.slice(0, -1) }
      const { trusted } = checkPath(certificates.at(-1)!, [], trust, 'signature', time)
      if (trusted && one.expect.verdict === 'invalid') t.fail(`${one.id} is trusted`)
      if (!trusted && one.expect.verdict === 'valid') rejected.push(one.id)
    } catch (error) {
      t.comment(`${one.id} is not read: ${(error as Error).message}`)
    }
  }
  t.comment(`sound paths not trusted: ${rejected.join(', ') || 'none'}`)
  t.pass()
})
