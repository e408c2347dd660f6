import type { GroupMembers } from '../../../../src/domain/directory/group.ts'
import type { AgencyCode } from '../../../../src/domain/identifiers.ts'
import type { Agency, Log, State } from './model.ts'

/** Where a spelling leads on a day, by a replay: the agency and the hops, or why nowhere. In plain values. */
export function resolveByReplay(
  log: Log,
  spelling: string,
  day: string,
  documentType: string | undefined,
  evenIfBounced = false,
): Record<string, unknown> {
  const state = log.at(day)
  const named = namedBy(log, state, spelling)
  if (named === undefined) return { out: 'unknown-code' }
  if (log.isGroup(named.code)) return groupByReplay(log, named.code, day, documentType)
  const hops: unknown[] = []
  for (let code = named.code; ; ) {
    const agency = state.agencies.get(code)
    if (agency === undefined) return { out: 'not-yet-open', hops, alias: named.alias }
    const { name, tier, parent, open, ended, closedOn } = agency
    if (open) return { out: code, name, tier, parent, hops, alias: named.alias }
    const stop = (out: string, successor: AgencyCode | null = null) => ({
      ...{ out, hops, alias: named.alias, last: code, closedOn, successor },
    })
    if (ended === null || ended.heirs.length === 0) return stop('closed-without-successor')
    const byType = ended.heirs.find(
      ({ documentTypes }) => documentType !== undefined && documentTypes?.includes(documentType),
    )
    const heir = byType?.code ?? ended.main
    if (heir === null) return stop('no-successor-for-document-type')
    if (ended.bounced && !evenIfBounced) return stop('closed-and-bounced', heir)
    hops.push([code, name, heir, state.get(heir).name, ended.act, ended.on, ended.basis])
    if (hops.length > 40) throw new Error(`${spelling} leads in a circle`)
    code = heir
  }
}

function namedBy(
  log: Log,
  state: State,
  spelling: string,
): { readonly code: AgencyCode; readonly alias: string | null } | undefined {
  const code = spelling as AgencyCode
  if (state.agencies.has(code) || state.groups.has(code)) return { code, alias: null }
  const holder = state.aliases.get(spelling)
  if (holder !== undefined) return { code: holder, alias: spelling }
  return log.knows(code) || log.isGroup(code) ? { code, alias: null } : undefined
}

function groupByReplay(
  log: Log,
  code: AgencyCode,
  day: string,
  type: string | undefined,
): Record<string, unknown> {
  const state = log.at(day)
  const group = state.groups.get(code)
  if (group === undefined) return { out: 'group-not-in-force' }
  const missing: string[] = []
  const list =
    'codes' in group.members
      ? listed(log, group.members.codes, day, type, missing)
      : described(state, group.members)
  return list.length === 0 ? { out: 'group-empty' } : { out: 'group', name: group.name, list, missing }
}

function listed(
  log: Log,
  codes: readonly AgencyCode[],
  day: string,
  type: string | undefined,
  missing: string[],
): string[] {
  const list = new Set<string>()
  for (const code of new Set(codes)) {
    const { out } = resolveByReplay(log, code, day, type, true)
    if (log.at(day).agencies.has(String(out))) list.add(String(out))
    else missing.push(`${code} ${out}`)
  }
  return [...list]
}

type Described = Exclude<GroupMembers, { readonly codes: unknown }>

function described(state: State, { tier, under, parent }: Described): string[] {
  const top = under && underItsCode(state, under)
  const above = parent && underItsCode(state, parent)
  const belongs = (agency: Agency): boolean =>
    (tier === undefined || agency.tier === tier) &&
    (parent === undefined || agency.parent === above) &&
    (top === undefined || (agency.code !== top && state.ancestorsOf(agency.code).includes(top)))
  return state
    .open()
    .filter(belongs)
    .map(({ code }) => code)
    .sort()
}

/** The code that an agency bears by now. */
function underItsCode(state: State, code: AgencyCode): AgencyCode {
  const seen = new Set<AgencyCode>()
  for (let at = code; ; ) {
    const agency = state.agencies.get(at)
    if (agency === undefined || agency.open || agency.ended?.act !== 'recode' || seen.has(at)) return at
    seen.add(at)
    at = agency.ended.main ?? at
  }
}

/** The endpoint that serves an agency: its own, else the nearest above that serves those beneath. */
export function endpointByReplay(state: State, code: AgencyCode): unknown {
  const own = state.get(code).endpoint
  if (own !== null) return { endpoint: own.value, of: code }
  for (const above of state.ancestorsOf(code)) {
    const endpoint = state.agencies.get(above)?.endpoint
    if (endpoint?.value.reaches === 'subtree') return { endpoint: endpoint.value, of: above }
  }
  return undefined
}
