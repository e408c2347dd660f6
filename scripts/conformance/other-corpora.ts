import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VerifyReport } from '../../src/cli/verify-report.ts'
import { type Corpus, type Fact, fact } from './judged.ts'
import { type SignedFileCase, verdictOf, verifyBytes, verifyCase } from './signed-file.ts'

interface CmsSignerFacts {
  readonly digest?: string
  readonly cert?: string
  readonly intact?: boolean | null
  readonly sigTimestamps?: readonly { readonly genTime?: string; readonly imprintMatch?: boolean }[]
}

interface CmsCase extends SignedFileCase {
  readonly cms: { readonly signers?: readonly CmsSignerFacts[] }
}

/** Each signer by its position: whose certificate, whether intact, and the times stamped on it. */
function cmsFacts({ cms: { signers = [] } }: CmsCase, report: VerifyReport): Fact[] {
  const ours = report.signatures.filter(({ id }) => !id.includes('/'))
  if (signers.length !== ours.length) return [fact('number of signers', signers.length, ours.length)]
  return signers.flatMap(({ cert, intact, digest, sigTimestamps = [] }, index) => {
    const { signerCertSha256, digestAlg, integrity, timestamps } = ours[index]!
    const times = timestamps.map(({ genTime }) => instantOf(genTime))
    return [
      ...(cert === undefined ? [] : [fact("signer's certificate", cert, signerCertSha256)]),
      ...(typeof intact === 'boolean' ? [fact('signer intact', intact, integrity === 'intact')] : []),
      ...(digest === undefined ? [] : [fact('digest algorithm', plain(digest), plain(digestAlg ?? ''))]),
      ...sigTimestamps
        .filter(({ genTime }) => genTime !== undefined)
        .map(({ genTime }) => fact('signature timestamp', true, times.includes(instantOf(genTime!)))),
    ]
  })
}

const instantOf = (text: string | null): number => (text === null ? Number.NaN : new Date(text).getTime())
const plain = (name: string): string => name.toLowerCase().replace(/[-_]/g, '')

const cmsCorpus = (name: string): Corpus<CmsCase> => ({
  name,
  judge: async (one, folder) => {
    const report = await verifyCase(one, folder)
    return verdictOf(one, report, cmsFacts(one, report))
  },
})
export const dssCades = cmsCorpus('dss-cades')
export const cmsMisc = cmsCorpus('cms-misc')

interface PdfField {
  readonly field?: string
  readonly intact?: boolean
  readonly valid?: boolean
  readonly coverage?: string
  readonly modification?: string
  readonly docmdp_ok?: boolean | null
}

interface PdfCase extends SignedFileCase {
  readonly pyhanko: { readonly sigs?: readonly PdfField[] }
}

/** The levels of change of pyHanko's comparison of revisions. Filling a form is also what signing again looks like. */
const CHANGES: Readonly<Record<string, boolean>> = { NONE: false, LTA_UPDATES: false, OTHER: true }

/** Each field by its name: whether it is intact, and whether the file was changed after it by more than signatures. */
function pdfFacts({ pyhanko: { sigs = [] } }: PdfCase, report: VerifyReport): Fact[] {
  return sigs.flatMap(({ field, intact, valid, modification = '' }) => {
    const ours = report.signatures.find(({ id }) => id === field)
    if (intact === undefined || valid === undefined) return []
    if (ours === undefined) return [fact('field found', field, undefined)]
    const changed = CHANGES[modification]
    return [
      fact('field intact', intact && valid, ours.integrity === 'intact'),
      ...(changed === undefined ? [] : [fact('changed after signing', changed, ours.modifiedAfterSigning)]),
    ]
  })
}

const pdfCorpus = (name: string): Corpus<PdfCase> => ({
  name,
  judge: async (one, folder) => {
    const report = await verifyCase(one, folder)
    return verdictOf(one, report, pdfFacts(one, report))
  },
})
export const dssPades = pdfCorpus('dss-pades')
export const pyhankoPdf = pdfCorpus('pyhanko-pdf')
export const pdfMisc = pdfCorpus('pdf-misc')

interface Mutation extends SignedFileCase {
  readonly target: string
  readonly kind: string
  readonly edits?: readonly { readonly offset: number; readonly from: number; readonly to: number }[]
  /** Hex. */
  readonly append?: string
}

/** A recipe carried out. @throws Error where the file is not the one that the recipe was written for */
function mutated(bytes: Buffer, { id, edits = [], append = '' }: Mutation): Buffer {
  for (const { offset, from, to } of edits) {
    if (bytes[offset] !== from) throw new Error(`${id}: another byte than ${from} at ${offset}`)
    bytes[offset] = to
  }
  return Buffer.concat([bytes, Buffer.from(append, 'hex')])
}

export const mutations: Corpus<Mutation> = {
  name: 'mutations',
  judge: async (one, folder) => {
    const read = async (file: string) => Buffer.from(await readFile(join(folder, file)))
    const outside = await Promise.all(
      (one.detached ?? []).map(async ({ name, file }) => [name, await read(file)] as [string, Buffer]),
    )
    const place = /^detached\[(\d+)\]$/.exec(one.target)
    if (place !== null) {
      const target = outside[Number(place[1])]!
      target[1] = mutated(target[1], one)
    }
    const bytes = await read(one.file)
    return verdictOf(one, await verifyBytes(place === null ? mutated(bytes, one) : bytes, outside))
  },
}

/** Files that no reader of signatures may be drawn into: at the HTTP door they have a test of their own. */
export const xmlDtdAttacks: Corpus<SignedFileCase> = {
  name: 'xml-dtd-attacks',
  judge: async (one, folder) => {
    const [began, spent] = [performance.now(), process.cpuUsage()]
    const report = await verifyCase(one, folder)
    const { user, system } = process.cpuUsage(spent)
    // Of the processor, for others may use it meanwhile; of the clock, for what waits uses none.
    const inTime = (user + system) / 1_000 < 1_000 && performance.now() - began < 5_000
    const accepted = report.overall.startsWith('intact')
    return {
      expected: one.expect.verdict,
      answered: report.overall,
      outcome: accepted ? 'false-accept' : inTime ? 'agree' : 'differ',
      why: '',
      facts: [],
    }
  },
}
