import type { Fault } from '../../../domain/fault.ts'
import type { AgencyCode } from '../../../domain/identifiers.ts'
import { dayAfter } from '../../../domain/vietnam-time.ts'
import type { Sliced } from '../../slices.ts'
import type { DirectorySnapshot } from '../../snapshot/snapshot.ts'
import {
  channelsOf,
  firstDayOf,
  isConnected,
  isPast,
  type PlacedRule,
  placed,
  ruleFault,
  type TableWorld,
} from './table-world.ts'

/** Agencies that a fault names one by one; of the others it tells how many. */
const MOST_NAMED = 5

/** Rules that push to somebody whose endpoint is not there, has ended, or is about to. */
export function* checkEndpoints(world: TableWorld): Sliced<Fault[]> {
  const pushing = placed(world).filter(
    ({ rule }) => channelsOf(rule).includes('https-push') && !isPast(rule, world),
  )
  if (pushing.length === 0) return []
  const endings = pushing.some(({ rule }) => rule.under !== undefined)
    ? yield* endingsByLine(world)
    : new Map<AgencyCode, Ending[]>()
  const faults: Fault[] = []
  for (const at of pushing) {
    const { recipient, under } = at.rule
    if (recipient !== undefined) faults.push(...checkRecipient(world, at, recipient))
    else if (under !== undefined) faults.push(...endingFaults(world, at, endings.get(under) ?? []))
    yield
  }
  return faults
}

function checkRecipient(world: TableWorld, at: PlacedRule, recipient: AgencyCode): Fault[] {
  const { snapshot, horizonDays } = world
  const first = firstDayOf(at.rule, world)
  if (!snapshot.isOpen(recipient, first)) return []
  if (isReached(snapshot, recipient, first)) {
    const ends = endWithin(snapshot, recipient, first, dayAfter(first, horizonDays))
    return ends === undefined ? [] : endingFaults(world, at, [{ agency: recipient, on: ends }])
  }
  const ended = lastEnd(snapshot, recipient, first)
  if (ended !== undefined) return endingFaults(world, at, [{ agency: recipient, on: ended }])
  return [missing(world, at, recipient, beginsAfter(snapshot, recipient, first))]
}

/** Whether an endpoint that reaches an agency is planned for later. */
const beginsAfter = (snapshot: DirectorySnapshot, code: AgencyCode, first: string): boolean =>
  [code, ...snapshot.ancestors(code, first)]
    .flatMap((one) => snapshot.factsOfKind(one, 'endpoint'))
    .some(({ validFrom }) => validFrom > first && isReached(snapshot, code, validFrom))

const isReached = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): boolean =>
  snapshot.endpointFor(code, day)?.endpoint.url != null

/** The first day by `last` on which nobody reaches an agency any more that was reached. */
const endWithin = (snapshot: DirectorySnapshot, code: AgencyCode, first: string, last: string) =>
  endsAlong(snapshot, code, first)
    .filter((day) => day > first && day <= last)
    .find((day) => snapshot.isOpen(code, day) && !isReached(snapshot, code, day))

/** The last day by `first` on which an endpoint ended that reached an agency. */
const lastEnd = (snapshot: DirectorySnapshot, code: AgencyCode, first: string): string | undefined =>
  endsAlong(snapshot, code, first).findLast(
    (day) => day <= first && isReached(snapshot, code, dayAfter(day, -1)) && !isReached(snapshot, code, day),
  )

/** The days on which endpoints of an agency, or of those above it, end: in their order. */
const endsAlong = (snapshot: DirectorySnapshot, code: AgencyCode, day: string): string[] =>
  [code, ...snapshot.ancestors(code, day)]
    .flatMap((one) => snapshot.factsOfKind(one, 'endpoint'))
    .flatMap(({ validTo }) => validTo ?? [])
    .sort()

interface Ending {
  readonly agency: AgencyCode
  /** The first day without it. */
  readonly on: string
}

/** Open agencies whose own endpoint has ended or will soon, without another: by themselves and everybody above. */
function* endingsByLine(world: TableWorld): Sliced<Map<AgencyCode, Ending[]>> {
  const { snapshot, today, horizonDays, lineOf } = world
  const last = dayAfter(today, horizonDays)
  const found = new Map<AgencyCode, Ending[]>()
  for (const agency of snapshot.codes()) {
    yield
    const on = lastOwnEnd(snapshot, agency, last)
    if (on === undefined || isReached(snapshot, agency, on)) continue
    const looked = on > today ? on : today
    if (!snapshot.isOpen(agency, looked) || isReached(snapshot, agency, looked)) continue
    for (const above of lineOf(agency)) found.set(above, [...(found.get(above) ?? []), { agency, on }])
  }
  return found
}

/** The last day by `last` on which an endpoint of its own ends. */
function lastOwnEnd(snapshot: DirectorySnapshot, agency: AgencyCode, last: string): string | undefined {
  let found: string | undefined
  for (const { kind, validTo } of snapshot.factsOf(agency))
    if (
      kind === 'endpoint' &&
      validTo !== null &&
      validTo <= last &&
      (found === undefined || validTo > found)
    )
      found = validTo
  return found
}

function endingFaults(world: TableWorld, at: PlacedRule, endings: readonly Ending[]): Fault[] {
  const first = firstDayOf(at.rule, world)
  const ended = endings.filter(({ on }) => on <= first)
  const ending = endings.filter(({ on }) => on > first)
  return [
    ...endingFault(world, at, 'endpoint-expired', ended, ['đã hết hiệu lực', 'has ended']),
    ...endingFault(world, at, 'endpoint-ending', ending, ['sắp hết hiệu lực', 'is about to end']),
  ]
}

function endingFault(
  world: TableWorld,
  at: PlacedRule,
  code: string,
  endings: readonly Ending[],
  [vi, en]: [string, string],
): Fault[] {
  if (endings.length === 0) return []
  const named = endings.slice(0, MOST_NAMED).map(({ agency, on }) => `${agency} (${on})`)
  const more = endings.length - named.length
  const list = `${named.join(', ')}${more > 0 ? ` +${more}` : ''}`
  return [
    ruleFault(world, at, {
      code,
      severity: 'warning',
      field: 'channel',
      found: list,
      hint: { vi: `Điểm kết nối ${vi}: ${list}.`, en: `An endpoint that the rule needs ${en}: ${list}.` },
    }),
  ]
}

/** Nobody ever named an endpoint: without another channel the rule decides nothing. */
function missing(world: TableWorld, at: PlacedRule, recipient: AgencyCode, isPlanned: boolean): Fault {
  const others = channelsOf(at.rule).filter((channel) => channel !== 'https-push')
  const leads = isPlanned || others.some((channel) => isConnected(channel, at.rule, world))
  return ruleFault(world, at, {
    code: leads ? 'endpoint-missing' : 'rule-dead-end',
    severity: leads ? 'warning' : 'error',
    field: 'channel',
    found: recipient,
    hint: {
      vi: `${recipient} chưa có điểm kết nối, và không cơ quan cấp trên nào có điểm kết nối dùng chung.`,
      en: `${recipient} has no endpoint, and nobody above it has one that also reaches it.`,
    },
  })
}
