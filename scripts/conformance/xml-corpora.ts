import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VerifyReport } from '../../src/cli/verify-report.ts'
import type { AnchorPurpose, TrustStore } from '../../src/signature/trust-store.ts'
import { readCertificates } from '../../src/signature/x509/pem.ts'
import { type Corpus, type Fact, fact, type Verdict } from './judged.ts'
import { type SignedFileCase, verdictOf, verifyCase } from './signed-file.ts'

interface XmlSignatureFacts {
  readonly parent?: string
  readonly refs?: readonly { readonly intact?: boolean | null }[]
  readonly sigValueIntact?: boolean | null
}

interface XmlCase extends SignedFileCase {
  readonly signatures: readonly XmlSignatureFacts[]
}

/**
 * Values and references, one by one, where the engine of the corpus found as many signatures as we did. A reference
 * whose content is nowhere is told as null there, and must not be called intact here.
 */
function xmlFacts({ signatures }: XmlCase, report: VerifyReport): Fact[] {
  if (signatures.length !== report.signatures.length) return []
  return signatures.flatMap(({ refs = [], sigValueIntact }, index) => {
    const { valueIntact, references } = report.signatures[index]!
    const value = typeof sigValueIntact === 'boolean' ? [fact('value', sigValueIntact, valueIntact)] : []
    if (refs.length !== references.length || references.length === 0) return value
    const each = refs.map(({ intact = null }, at) =>
      fact('reference', intact === true, references[at]!.intact === true),
    )
    return [...value, ...each]
  })
}

export const dssXades: Corpus<XmlCase> = {
  name: 'dss-xades',
  judge: async (one, folder) => {
    const report = await verifyCase(one, folder)
    return verdictOf(one, report, xmlFacts(one, report))
  },
}

interface AttackCase extends XmlCase {
  readonly key: string | null
  readonly expect: XmlCase['expect'] & {
    readonly naiveEngine: string
    readonly coversDocumentElement: boolean | null
  }
}

/**
 * With the public key where the corpus has one: whoever is attacked knows whose signature is expected. Sound are files
 * whose signatures fit that key or the key of their own KeyInfo.
 */
async function verifyAttack(one: AttackCase, folder: string): Promise<VerifyReport> {
  const report = await verifyCase(one, folder, one.key === null ? {} : { key: one.key })
  const retries = one.expect.verdict === 'accept' && !report.overall.startsWith('intact')
  return retries ? verifyCase(one, folder) : report
}

/** The document element is the signature itself, and its objects are the document. */
const isEnveloping = ({ signatures }: AttackCase): boolean =>
  signatures.some(({ parent }) => parent === '#document')

/** The signature over the whole document is sound; what the makers refuse is the message of SAML inside it. */
const isRefusedBySaml = ({ expect }: AttackCase): boolean =>
  expect.verdict === 'reject' && expect.naiveEngine === 'intact' && expect.coversDocumentElement === true

export const xmldsigAttacks: Corpus<AttackCase> = {
  name: 'xmldsig-attacks',
  judge: async (one, folder) => {
    const report = await verifyAttack(one, folder)
    const { verdict, coversDocumentElement } = one.expect
    const isIntact = report.overall.startsWith('intact')
    const covers =
      verdict === 'accept' && isIntact && coversDocumentElement !== null && !isEnveloping(one)
        ? [fact('covers the document element', coversDocumentElement, report.overall === 'intact')]
        : []
    const judged = verdictOf(one, report, [...xmlFacts(one, report), ...covers])
    const isBeyond = judged.outcome === 'false-accept' && isRefusedBySaml(one)
    return isBeyond ? { ...judged, outcome: 'left-out' } : judged
  },
}

interface InteropCase extends XmlCase {
  readonly cwd: string | null
  readonly expect: XmlCase['expect'] & { readonly verifyParams: readonly string[] }
}

/** The options of xmlsec1 that name key material and content, as pairs. */
function optionsOf({ expect: { verifyParams }, cwd }: InteropCase) {
  const path = (name: string) => (name.startsWith('files/') ? name : join(cwd ?? '', name))
  const all = (option: string) =>
    verifyParams.flatMap((one, at) =>
      one === option || one.startsWith(`${option}:`)
        ? [{ label: one.slice(option.length + 1), file: path(verifyParams[at + 1]!) }]
        : [],
    )
  const time = verifyParams[verifyParams.indexOf('--verification-gmt-time') + 1]
  return {
    keys: [...all('--pubkey-der'), ...all('--pubkey-cert-der')],
    untrusted: all('--untrusted-der'),
    trusted: all('--trusted-der'),
    detached: all('--url-map').map(({ label, file }) => ({ name: label, file })),
    time: time?.match(/^\d{4}-/) ? new Date(time.replace('+', 'T').slice(0, 19)) : undefined,
  }
}

async function trustOf(folder: string, files: readonly string[]): Promise<TrustStore> {
  const purposes: ReadonlySet<AnchorPurpose> = new Set(['signature'])
  const certificates = await Promise.all(
    files.map(async (file) => readCertificates(await readFile(join(folder, file)))),
  )
  return { anchors: certificates.flat().map((certificate) => ({ certificate, purposes })), intermediates: [] }
}

/** What the references name in the folder in which xmlsec1 is run. */
async function besideIt({ file, cwd }: InteropCase, folder: string) {
  const text = (await readFile(join(folder, file))).toString('latin1')
  const names = [...text.matchAll(/\sURI\s*=\s*["']([\w./-]+)["']/g)].map(([, name]) => name!)
  return [...new Set(names)]
    .map((name) => ({ name, file: join(cwd ?? '', name) }))
    .filter((one) => cwd !== null && existsSync(join(folder, one.file)))
}

/** Some of these are invalid only for whom they trust: then it is the indication that must not be passed. */
async function judgeInterop(one: InteropCase, folder: string): Promise<Verdict> {
  const { keys, untrusted, trusted, detached, time } = optionsOf(one)
  const trust = await trustOf(
    folder,
    trusted.map(({ file }) => file),
  )
  const base = {
    detached: [...detached, ...(await besideIt(one, folder))],
    trust,
    ...(time === undefined ? {} : { time }),
  }
  // xmlsec1 looks among the untrusted certificates for the one that KeyInfo speaks of.
  const key = keys[0]?.file
  const candidates = key === undefined ? untrusted.map(({ file }) => file) : [key]
  let report = await verifyCase(one, folder, base)
  if (key !== undefined || !report.overall.startsWith('intact'))
    for (const file of candidates) {
      const found = await verifyCase(one, folder, { ...base, key: file })
      if (key !== undefined || found.overall.startsWith('intact')) report = found
    }
  const verdict = verdictOf(one, report)
  const isTrusted = report.signatures.every(({ indication }) => indication === 'TOTAL_PASSED')
  if (one.expect.verdict !== 'invalid' || isTrusted || verdict.outcome !== 'false-accept') return verdict
  return { ...verdict, outcome: 'agree', answered: `${report.overall}, not trusted` }
}

export const xmldsigInterop: Corpus<InteropCase> = { name: 'xmldsig-interop', judge: judgeInterop }
