import type { Fault } from '../../../domain/fault.ts'
import type { AgencyCode } from '../../../domain/identifiers.ts'
import type { TableRule } from '../../../domain/routing-rule.ts'
import { channelsOf, isPast, type PlacedRule, placed, ruleFault, type TableWorld } from './table-world.ts'

/** A document for the agency of one gateway that goes to the agency of another, by one rule. */
interface Edge {
  readonly to: AgencyCode
  readonly at: PlacedRule
}

type Graph = ReadonlyMap<AgencyCode, readonly Edge[]>

interface Budget {
  steps: number
}

/** Looks that the search for cycles may take: a table beyond that is refused, for nobody can tell where it leads. */
const MOST_STEPS = 1_000_000

/** Gateways that send each other's documents on: a document could go round for ever. */
export function checkGateways(world: TableWorld): Fault[] {
  const budget = { steps: MOST_STEPS }
  const whole = graphOf(world, budget)
  if (whole === 'too-many') return [tooMany(world)]
  const graph = withoutEnds(whole)
  const told = new Set<string>()
  const faults: Fault[] = []
  for (const start of graph.keys()) {
    const cycle = findCycle(world, graph, start, budget)
    if (cycle === 'too-many') return [...faults, tooMany(world)]
    if (cycle === undefined) continue
    const name = [...new Set(cycle.map(({ to }) => to))].sort().join()
    if (!told.has(name)) faults.push(cyclic(world, start, cycle))
    told.add(name)
  }
  return faults
}

/** Where documents for the agencies that run gateways are sent: to which other gateways, and by which rules. */
function graphOf(world: TableWorld, budget: Budget): Graph | 'too-many' {
  const inForce = placed(world).filter(({ rule }) => !isPast(rule, world))
  const gateways = new Set(inForce.flatMap(({ rule }) => gatewayOf(rule) ?? []))
  const graph = new Map<AgencyCode, Edge[]>()
  for (const code of gateways) {
    budget.steps -= inForce.length
    if (budget.steps < 0) return 'too-many'
    graph.set(code, edgesFrom(world, inForce, code))
  }
  return graph
}

const gatewayOf = (rule: TableRule): AgencyCode | undefined =>
  channelsOf(rule).includes('gateway') ? rule.gateway : undefined

/** The rules that may decide about some document for an agency, whoever sends it and whatever kind it is. */
function edgesFrom(world: TableWorld, rules: readonly PlacedRule[], code: AgencyCode): Edge[] {
  const tier = world.snapshot.agency(code, world.today)?.tier
  const line = world.lineOf(code)
  const edges: Edge[] = []
  for (const at of rules) {
    const { rule } = at
    const isAbout =
      (rule.recipient ?? code) === code &&
      (rule.under === undefined || line.includes(rule.under)) &&
      (rule.tier ?? tier) === tier
    if (!isAbout) continue
    const to = gatewayOf(rule)
    if (to !== undefined && to !== code) edges.push({ to, at })
    if (isForEverything(rule)) break
  }
  return edges
}

const isForEverything = (rule: TableRule): boolean =>
  rule.sender === undefined &&
  rule.senderUnder === undefined &&
  rule.documentType === undefined &&
  (rule.urgencyAtLeast ?? 0) === 0 &&
  rule.validFrom === undefined &&
  rule.validTo === undefined &&
  rule.maxBytes === undefined &&
  rule.channel !== 'https-push'

/** What is left when whoever sends nowhere, or is sent nothing, is taken away again and again: the cycles alone. */
function withoutEnds(graph: Graph): Graph {
  let left = new Map(graph)
  for (;;) {
    const reached = new Set([...left.values()].flatMap((edges) => edges.map(({ to }) => to)))
    const kept = new Map(
      [...left]
        .filter(([code]) => reached.has(code))
        .map(([code, edges]) => [code, edges.filter(({ to }) => left.has(to))] as const)
        .filter(([, edges]) => edges.length > 0),
    )
    if (kept.size === left.size) return kept
    left = kept
  }
}

/** A way from a gateway back to itself that one and the same document could take. */
function findCycle(
  world: TableWorld,
  graph: Graph,
  start: AgencyCode,
  budget: Budget,
): readonly Edge[] | 'too-many' | undefined {
  const path: Edge[] = []
  const visit = (code: AgencyCode): 'found' | 'too-many' | undefined => {
    for (const edge of graph.get(code) ?? []) {
      budget.steps -= path.length + 1
      if (budget.steps < 0) return 'too-many'
      const isOnPath = path.some(({ to }) => to === edge.to)
      if (isOnPath || !path.every(({ at }) => canMeet(world, at.rule, edge.at.rule))) continue
      path.push(edge)
      const found = edge.to === start ? 'found' : visit(edge.to)
      if (found !== undefined) return found
      path.pop()
    }
    return undefined
  }
  const found = visit(start)
  return found === 'found' ? path : found
}

/** Whether one document on one day can be what both rules are about. */
function canMeet({ lineOf }: TableWorld, one: TableRule, other: TableRule): boolean {
  const differ = <T>(a: T | undefined, b: T | undefined) => a !== undefined && b !== undefined && a !== b
  const outside = (sender: AgencyCode | undefined, above: AgencyCode | undefined) =>
    sender !== undefined && above !== undefined && !lineOf(sender).includes(above)
  return !(
    differ(one.documentType, other.documentType) ||
    differ(one.sender, other.sender) ||
    outside(one.sender, other.senderUnder) ||
    outside(other.sender, one.senderUnder) ||
    (one.validTo ?? '9999') <= (other.validFrom ?? '0') ||
    (other.validTo ?? '9999') <= (one.validFrom ?? '0')
  )
}

function cyclic(world: TableWorld, start: AgencyCode, cycle: readonly Edge[]): Fault {
  const way = [start, ...cycle.map(({ to }) => to)].join(' → ')
  const ids = cycle.map(({ at }) => at.rule.id).join(', ')
  return ruleFault(world, cycle[0]!.at, {
    code: 'gateway-cycle',
    field: 'gateway',
    found: way,
    hint: {
      vi: `Văn bản sẽ đi vòng giữa các trục: ${way} (quy tắc ${ids}).`,
      en: `Documents would go round between gateways: ${way} (rules ${ids}).`,
    },
  })
}

function tooMany(world: TableWorld): Fault {
  const place = world.rules.findIndex((rule) => gatewayOf(rule) !== undefined)
  return ruleFault(
    world,
    { rule: world.rules[place]!, place },
    {
      code: 'gateways-too-many',
      field: 'gateway',
      hint: {
        vi: 'Quá nhiều đường giữa các trục để có thể kiểm tra: hãy đơn giản hóa.',
        en: 'There are too many ways between gateways to be examined: make them fewer.',
      },
    },
  )
}
