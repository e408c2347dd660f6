import { type Certificate, isSelfIssued } from './certificate.ts'
import type { PolicyMapping } from './extensions.ts'

export const ANY_POLICY = '2.5.29.32.0'

/** The inputs of RFC 5280 §6.1.1 (c), (e), (f), (g). */
export interface PolicySettings {
  readonly initial: readonly string[]
  readonly requireExplicit: boolean
  readonly inhibitMapping: boolean
  readonly inhibitAny: boolean
}

export const ANY_POLICY_WILL_DO: PolicySettings = {
  initial: [ANY_POLICY],
  requireExplicit: false,
  inhibitMapping: false,
  inhibitAny: false,
}

/**
 * One depth of the graph: each policy once, with the policies of the depth above that lead to it. A graph holds at most
 * the sum of what the certificates hold, where the tree of RFC 5280 can hold their product (RFC 9618 §3).
 */
interface Level {
  /** By policy; no parent means that anyPolicy above led here. */
  readonly nodes: Map<string, Set<string>>
  any: boolean
}

interface Counters {
  explicit: number
  mapping: number
  any: number
}

export interface PolicyResult {
  /** Undefined where the path is valid by policy; the certificate at which it failed otherwise. */
  readonly fault?: { readonly certificate: Certificate; readonly found: string }
  /** The policies of the first depth that the path is valid for and the caller takes; anyPolicy for any. */
  readonly policies: readonly string[]
}

/**
 * Processes certificate policies (RFC 5280 §6.1 in the form of RFC 9618 §5). `path` is from the leaf to the anchor;
 * what the anchor's certificate says counts only where `anchorCounts` (RFC 5937 §3.2).
 */
export function processPolicies(
  path: readonly Certificate[],
  settings: PolicySettings,
  anchorCounts: boolean,
): PolicyResult {
  const below = path.slice(0, -1).reverse()
  const length = below.length
  const counters: Counters = {
    explicit: settings.requireExplicit ? 0 : length + 1,
    mapping: settings.inhibitMapping ? 0 : length + 1,
    any: settings.inhibitAny ? 0 : length + 1,
  }
  const levels: Level[] = []
  let level: Level = { nodes: new Map(), any: true }
  const anchor = path[path.length - 1]!
  if (anchorCounts && length > 0) {
    tighten(counters, anchor)
    if (anchor.extensions.policies !== undefined) {
      applyPolicies(level, anchor, true)
      levels.push(level)
      level = nextLevel(level, anchor.extensions.policyMappings ?? [], counters.mapping > 0)
    }
  }
  for (const [index, certificate] of below.entries()) {
    const isLeaf = index === length - 1
    const selfIssued = isSelfIssued(certificate)
    applyPolicies(level, certificate, counters.any > 0 || (!isLeaf && selfIssued))
    levels.push(level)
    const fault = (found: string) => ({ fault: { certificate, found }, policies: [] })
    if (counters.explicit === 0 && isEmpty(level)) return fault('no policy is left')
    if (isLeaf) break
    const { policyMappings = [] } = certificate.extensions
    if (policyMappings.some(({ issuer, subject }) => issuer === ANY_POLICY || subject === ANY_POLICY))
      return fault('anyPolicy is mapped')
    level = nextLevel(level, policyMappings, counters.mapping > 0)
    if (!selfIssued) decrement(counters)
    tighten(counters, certificate)
  }
  return wrapUp(levels, below, counters, settings.initial)
}

const isEmpty = (level: Level): boolean => !level.any && level.nodes.size === 0

/** RFC 5280 §6.1.5, and the user's set by RFC 9618 §5.4. */
function wrapUp(
  levels: readonly Level[],
  below: readonly Certificate[],
  counters: Counters,
  initial: readonly string[],
): PolicyResult {
  const leaf = below[below.length - 1]
  if (leaf === undefined) return { policies: initial }
  if (counters.explicit > 0) counters.explicit--
  if (leaf.extensions.policyConstraints?.requireExplicit === 0) counters.explicit = 0
  const authority = authorityPolicies(levels)
  const policies = intersection(initial, authority)
  if (counters.explicit === 0 && policies.length === 0)
    return { fault: { certificate: leaf, found: 'no acceptable policy' }, policies }
  return { policies }
}

function intersection(one: readonly string[], other: readonly string[]): string[] {
  if (one.includes(ANY_POLICY)) return [...other]
  if (other.includes(ANY_POLICY)) return [...one]
  return one.filter((oid) => other.includes(oid))
}

function decrement(counters: Counters): void {
  for (const each of ['explicit', 'mapping', 'any'] as const) if (counters[each] > 0) counters[each]--
}

function tighten(counters: Counters, { extensions }: Certificate): void {
  const { requireExplicit, inhibitMapping } = extensions.policyConstraints ?? {}
  counters.explicit = Math.min(counters.explicit, requireExplicit ?? counters.explicit)
  counters.mapping = Math.min(counters.mapping, inhibitMapping ?? counters.mapping)
  counters.any = Math.min(counters.any, extensions.inhibitAnyPolicy ?? counters.any)
}

/** RFC 5280 §6.1.3 (d), (e). */
function applyPolicies(level: Level, { extensions }: Certificate, anyAllowed: boolean): void {
  const oids = new Set(extensions.policies?.oids ?? [])
  const any = oids.delete(ANY_POLICY) && anyAllowed
  const anyAbove = level.any
  if (!any) {
    for (const oid of level.nodes.keys()) if (!oids.has(oid)) level.nodes.delete(oid)
    level.any = false
  }
  if (anyAbove) for (const oid of oids) if (!level.nodes.has(oid)) level.nodes.set(oid, new Set())
}

/** RFC 5280 §6.1.4 (a), (b): what the next certificate may assert, and from where. */
function nextLevel(level: Level, mappings: readonly PolicyMapping[], mayMap: boolean): Level {
  const mapped = new Set(mappings.map(({ issuer }) => issuer))
  if (level.any && mayMap) {
    for (const issuer of mapped) if (!level.nodes.has(issuer)) level.nodes.set(issuer, new Set())
  }
  const nodes = new Map<string, Set<string>>()
  const lead = (from: string, to: string) => {
    const parents = nodes.get(to)
    if (parents === undefined) nodes.set(to, new Set([from]))
    else parents.add(from)
  }
  for (const oid of level.nodes.keys()) if (!mapped.has(oid)) lead(oid, oid)
  if (mayMap) for (const { issuer, subject } of mappings) if (level.nodes.has(issuer)) lead(issuer, subject)
  if (!mayMap) for (const oid of mapped) level.nodes.delete(oid)
  return { nodes, any: level.any }
}

/** The policies where anyPolicy begins to lead to the last depth: those of the authority-constrained set. */
function authorityPolicies(levels: readonly Level[]): string[] {
  const last = levels[levels.length - 1]!
  if (last.any) return [ANY_POLICY]
  const found = new Set<string>()
  let reached = new Set(last.nodes.keys())
  for (let depth = levels.length - 1; depth >= 0; depth--) {
    const above = new Set<string>()
    for (const oid of reached) {
      const parents = levels[depth]!.nodes.get(oid)
      if (parents === undefined) continue
      if (parents.size === 0) found.add(oid)
      for (const parent of parents) above.add(parent)
    }
    reached = above
  }
  return [...found]
}
