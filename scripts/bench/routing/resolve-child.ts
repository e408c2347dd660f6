import { chooseRoute } from '../../../src/directory/routing/choose-route.ts'
import { compiledOf } from '../../../src/directory/routing/compile-table.ts'
import { tableInForce } from '../../../src/directory/routing/table-in-force.ts'
import { resolveRecipient } from '../../../src/directory/snapshot/resolve-recipient.ts'
import { WITHOUT_CONNECTOR } from '../../../src/domain/channel-id.ts'
import type { AgencyCode } from '../../../src/domain/identifiers.ts'
import type { Urgency } from '../../../src/domain/urgency.ts'
import { vietnamDay } from '../../../src/domain/vietnam-time.ts'
import { quantile } from './figures.ts'
import { pick, randomOf } from './random.ts'
import { openHere } from './registry.ts'
import { DOCUMENT_TYPES } from './rules.ts'

/*
 * Decides a million times, about pairs of any sender and any spelling, one after the other: what the recipient's name
 * means, and by which channel and rule the document goes there. What is timed is what acceptance does for a recipient.
 */
export interface Resolved {
  readonly median: number
  readonly p95: number
  readonly p99: number
  readonly mean: number
  /** How many spellings led to an agency that is open. */
  readonly delivered: number
  /** How many of them by an alias or a closed code. */
  readonly byOtherName: number
  readonly byRule: number
}

const PAIRS = 1_000_000
const URGENCIES: readonly Urgency[] = [0, 0, 0, 1, 2, 3]

const registry = await openHere()
const { directory, tables } = registry.current()
const now = new Date()
const day = vietnamDay(now)
const spellings = new Set<string>()
const open: AgencyCode[] = []
for (const code of directory.codes()) {
  if (directory.isGroup(code)) continue
  if (directory.isOpen(code, day)) open.push(code)
  for (const spelling of [code, ...directory.spellingsOf(code, day)]) spellings.add(spelling)
}
const names = [...spellings]
const random = randomOf(1_000_000)
const table = compiledOf(tableInForce(tables, now))
const micros = new Float64Array(PAIRS)
const counts = { delivered: 0, byOtherName: 0, byRule: 0 }
let sum = 0

for (let pair = -50_000; pair < PAIRS; pair += 1) {
  const sender = pick(random, open)
  const spelling = pick(random, names)
  const documentType = pick(random, DOCUMENT_TYPES)
  const urgency = pick(random, URGENCIES)
  const began = performance.now()
  const found = resolveRecipient(directory, spelling, { day, documentType })
  const route =
    found.outcome === 'agency'
      ? chooseRoute(table, directory, WITHOUT_CONNECTOR, {
          sender,
          recipient: found.agency,
          documentType,
          urgency,
          bytes: 50_000,
          day,
        })
      : undefined
  const taken = (performance.now() - began) * 1_000
  // The first are the warming up.
  if (pair < 0) continue
  micros[pair] = taken
  sum += taken
  if (found.outcome !== 'agency' || route === undefined) continue
  counts.delivered += 1
  if (found.agency.code !== spelling) counts.byOtherName += 1
  if (!route.explanation.rule.startsWith('default:')) counts.byRule += 1
}
process.send?.({
  median: quantile(micros, 0.5),
  p95: quantile(micros, 0.95),
  p99: quantile(micros, 0.99),
  mean: sum / PAIRS,
  ...counts,
} satisfies Resolved)
await registry.close()
process.disconnect?.()
