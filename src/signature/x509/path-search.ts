import type { TrustAnchor } from '../trust-anchor.ts'
import { type Certificate, isSelfIssued } from './certificate.ts'
import { isKnownPair, isSignedBy } from './signed-by.ts'

/** Certificates in a path, signatures verified in search of one, steps taken: bounds for hostile certificate sets. */
const MAX_PATH = 20
const MAX_VERIFICATIONS = 128
const MAX_STEPS = 2000

/** A path from the leaf upwards that ends at an anchor. */
export interface FoundPath {
  readonly certificates: readonly Certificate[]
  readonly anchor: TrustAnchor
}

export interface PathSearch {
  readonly paths: Generator<FoundPath>
  /** A certificate for which issuers by name were there and none of them had signed it. */
  readonly dead: { certificate?: Certificate }
}

interface Pool {
  readonly issuers: ReadonlyMap<string, readonly Certificate[]>
  readonly anchors: ReadonlyMap<string, TrustAnchor>
}

/**
 * Looks for paths from `leaf` to an anchor, depth first: issuers that the leaf's authorityKeyIdentifier names before
 * others, anchors before others. A leaf that is an anchor itself is a path.
 */
export function searchPaths(
  leaf: Certificate,
  help: readonly Certificate[],
  anchors: readonly TrustAnchor[],
  anchorAsLeaf: boolean,
): PathSearch {
  const dead: { certificate?: Certificate } = {}
  const pool = makePool(help, anchors)
  return { paths: search(leaf, pool, dead, anchorAsLeaf), dead }
}

function makePool(help: readonly Certificate[], anchors: readonly TrustAnchor[]): Pool {
  const issuers = new Map<string, Certificate[]>()
  const seen = new Set<string>()
  for (const one of [...anchors.map(({ certificate }) => certificate), ...help]) {
    if (seen.has(one.sha256)) continue
    seen.add(one.sha256)
    const { key } = one.subjectName
    const same = issuers.get(key)
    if (same === undefined) issuers.set(key, [one])
    else same.push(one)
  }
  return { issuers, anchors: new Map(anchors.map((one) => [one.certificate.sha256, one])) }
}

function* search(
  leaf: Certificate,
  pool: Pool,
  dead: PathSearch['dead'],
  anchorAsLeaf: boolean,
): Generator<FoundPath> {
  const open: Certificate[][] = [[leaf]]
  let verifications = 0
  for (let steps = 0; open.length > 0 && steps < MAX_STEPS; steps++) {
    const path = open.pop()!
    const last = path[path.length - 1]!
    const anchor = pool.anchors.get(last.sha256)
    if (anchor !== undefined && (path.length > 1 || anchorAsLeaf)) yield { certificates: path, anchor }
    if (path.length >= MAX_PATH) continue
    const seen = new Set(path.map(identity))
    const found: Certificate[] = []
    let tried = false
    for (const issuer of ranked(pool.issuers.get(last.issuerName.key) ?? [], last, pool)) {
      if (seen.has(identity(issuer))) continue
      if (!isKnownPair(last, issuer.key) && ++verifications > MAX_VERIFICATIONS) return
      if (isSignedBy(last, issuer.key) === 'wrong') tried = true
      else found.push(issuer)
    }
    if (tried && found.length === 0 && !isSelfIssued(last)) dead.certificate ??= last
    // The last one pushed is tried first.
    for (const issuer of found.reverse()) open.push([...path, issuer])
  }
}

/** The same name with the same key is the same issuer: a path that comes back to it goes round in a circle. */
const identity = ({ key, subjectName }: Certificate): string => `${key.id}${subjectName.key}`

function ranked(issuers: readonly Certificate[], below: Certificate, { anchors }: Pool): Certificate[] {
  const wanted = below.extensions.authorityKeyId?.keyId
  const rank = (one: Certificate): number => {
    const named =
      wanted === undefined || one.subjectKeyId === undefined ? 1 : one.subjectKeyId === wanted ? 0 : 2
    return named * 2 + (anchors.has(one.sha256) ? 0 : 1)
  }
  return [...issuers].sort((a, b) => rank(a) - rank(b))
}
