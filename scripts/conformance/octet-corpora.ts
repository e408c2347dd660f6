import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalizeFile, entitiesBeside } from '../../src/cli/canonicalize-file.ts'
import { withFileSource } from '../../src/cli/file-source.ts'
import { tsverify } from '../../src/cli/tsverify-report.ts'
import { SignatureStop } from '../../src/signature/checks.ts'
import { type Case, type Corpus, fact, type Outcome, type Verdict } from './judged.ts'
import type { SignedFileCase } from './signed-file.ts'

interface TokenCase extends Case {
  readonly file: string
  readonly data: string | null
  readonly expect: Case['expect'] & {
    readonly genTime: string
    readonly policy: string
    readonly imprintAlg: string
    readonly imprintMatch: boolean | null
    readonly tokenSignatureIntact: boolean
    readonly serial?: string
    readonly tsaCert?: string
    readonly digest?: string
  }
}

const plain = (name: string | null): string => (name ?? '').toLowerCase().replace(/[-_]/g, '')
/** With the fraction of the second that the token has, without its zeros. */
const instant = (text: string | null): string =>
  (text ?? '')
    .replace('+00:00', 'Z')
    .replace(/(\.\d*?)0+Z$/, '$1Z')
    .replace('.Z', 'Z')

/** `token-intact` is a token whose data nobody has: then its own signature is what is judged. */
function tokenOutcome(expected: string, found: { verdict: string; intact: boolean }): Outcome {
  const good = expected === 'token-intact' ? found.intact : found.verdict === 'valid'
  if (found.verdict === 'unsupported') return 'unsupported'
  if (good === (expected !== 'invalid')) return 'agree'
  return good ? 'false-accept' : 'false-reject'
}

export const tsp: Corpus<TokenCase> = {
  name: 'tsp',
  judge: async (one, folder) => {
    const token = await readFile(join(folder, one.file))
    const found =
      one.data === null || one.data === undefined
        ? await tsverify(token)
        : await withFileSource(join(folder, one.data), (data) => tsverify(token, data))
    const { verdict, genTime, policy, imprintAlg, imprintMatch, tokenSignatureIntact, ...rest } = one.expect
    return {
      expected: verdict,
      answered: found.verdict,
      outcome: tokenOutcome(verdict, found),
      why: found.reason?.en ?? '',
      facts: [
        fact('genTime', instant(genTime), instant(found.genTime)),
        fact('policy', policy, found.policy),
        fact('imprint algorithm', plain(imprintAlg), plain(found.imprintAlg)),
        fact('imprint', imprintMatch ?? null, found.imprintMatch),
        fact('token intact', tokenSignatureIntact, found.intact),
        ...(rest.serial === undefined ? [] : [fact('serial', rest.serial, found.serial)]),
        ...(rest.tsaCert === undefined ? [] : [fact("TSA's certificate", rest.tsaCert, found.tsaCert)]),
        ...(rest.digest === undefined
          ? []
          : [fact('digest algorithm', plain(rest.digest), plain(found.digest))]),
      ],
    }
  },
}

interface CanonicalCase extends SignedFileCase {
  readonly kind: string
  readonly algorithm?: string
  readonly output?: string
  readonly outputSha256?: string
  readonly outputs?: Readonly<Record<string, { readonly sha256: string }>>
  readonly elementIndex?: number | null
  readonly xpathSubsetFile?: string
  readonly inclusiveNamespaces?: string
  readonly referenceIndex?: number
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function canonicalFacts(one: CanonicalCase, folder: string) {
  const file = join(folder, one.file)
  const bytes = await readFile(file)
  const wanted = one.outputs ?? { [one.algorithm!]: { sha256: one.outputSha256! } }
  const xpath = one.xpathSubsetFile && { xpath: await readFile(join(folder, one.xpathSubsetFile)) }
  return Object.entries(wanted).map(([alg, { sha256: expected }]) => {
    const octets = canonicalizeFile(bytes, {
      alg,
      ...(one.elementIndex !== undefined && { elementIndex: one.elementIndex }),
      ...(one.inclusiveNamespaces !== undefined && { prefixes: one.inclusiveNamespaces }),
      ...xpath,
      entity: entitiesBeside(file),
    })
    return fact(alg, expected, sha256(octets))
  })
}

/** @throws whatever is no answer of the canonicaliser */
function stopOf(error: unknown): SignatureStop {
  if (error instanceof SignatureStop) return error
  throw error
}

/** What the n-th Reference stands over, with whatever XPath; SignedInfo's octets behind the last. */
async function referenceVerdict(one: CanonicalCase, folder: string): Promise<Verdict> {
  const bytes = await readFile(join(folder, one.file))
  const { referenceIndex = 0 } = one
  try {
    const octets = canonicalizeFile(bytes, { alg: 'c14n10', reference: referenceIndex })
    const agrees = sha256(octets) === one.outputSha256
    return {
      expected: one.expect.verdict,
      answered: agrees ? 'the same octets' : 'other octets',
      outcome: agrees ? 'agree' : 'differ',
      why: '',
      facts: [],
    }
  } catch (error) {
    if (!(error instanceof SignatureStop)) throw error
    const [answered, why] = ['no octets', error.message]
    return { expected: one.expect.verdict, answered, outcome: 'unsupported', why, facts: [] }
  }
}

export const c14n: Corpus<CanonicalCase> = {
  name: 'c14n',
  judge: async (one, folder) => {
    if (one.kind === 'reference-octets') return referenceVerdict(one, folder)
    const facts = await canonicalFacts(one, folder).catch(stopOf)
    if (facts instanceof SignatureStop)
      return {
        expected: one.expect.verdict,
        answered: 'no octets',
        outcome: 'unsupported',
        why: facts.message,
        facts: [],
      }
    const agrees = facts.length > 0 && facts.every((each) => each.agrees)
    return {
      expected: one.expect.verdict,
      answered: agrees ? 'the same octets' : 'other octets',
      outcome: agrees ? 'agree' : 'differ',
      why: facts
        .filter((each) => !each.agrees)
        .map(({ name }) => name)
        .join(', '),
      facts,
    }
  },
}
