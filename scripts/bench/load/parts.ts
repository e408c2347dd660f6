import { type GatewayOptions, startGround } from './gateway.ts'
import { addedTable, loadTables } from './load-tables.ts'
import { type Measured, measure } from './measure.ts'
import { type Bar, bar } from './print.ts'
import { costOf } from './spending.ts'

export interface PartOptions {
  /** Of one run of the load. */
  readonly seconds: number
  readonly seed: number
  /** Documents a second at which all is measured, instead of what is found to be sustained. */
  readonly rate: number | undefined
  /** Takes profiles of the processes. */
  readonly profile: string | null
  /** Documents that the parts `flat` and `search` store. */
  readonly documents: number
  /** Bytes of the attachment of the part `gigabyte`. */
  readonly bytes: number
  readonly tell: (line: string) => void
}

/** What one part found: as data, as tables for people, and each bar with what was measured. */
export interface PartResult {
  readonly data: unknown
  readonly tables: string
  readonly bars: readonly Bar[]
}

type Case = Pick<Parameters<typeof measure>[1], 'kind' | 'recipients' | 'seal' | 'apis' | 'workers'>

/** Each on a ground of its own: nothing that was left behind is measured with the next. */
async function measureAll(cases: readonly Case[], options: PartOptions): Promise<Measured[]> {
  const measured: Measured[] = []
  for (const one of cases) {
    const ground = await startGround()
    try {
      measured.push(await measure(ground, { ...options, ...one }))
    } finally {
      await ground.stop()
    }
  }
  return measured
}

const SEALS: readonly GatewayOptions['seal'][] = ['p256', 'rsa']
const FAN_OUTS = [1, 10]

const matrix = (kind: Case['kind']): Case[] =>
  FAN_OUTS.flatMap((recipients) =>
    SEALS.map((seal): Case => ({ kind, recipients, seal, apis: 1, workers: 1 })),
  )

const LEAST_RATE = 300
const MOST_P99 = 150
const LEAST_OF_FLOOR = 0.5

export async function small(options: PartOptions): Promise<PartResult> {
  const cases = options.rate === undefined ? matrix('small') : matrix('small').slice(0, 1)
  const measured = await measureAll(cases, options)
  const bars = [...barsOf(measured[0]!), ...wholeBars(measured)]
  return { data: measured, tables: loadTables(measured), bars }
}

/** Nothing is judged where what is sustained was not looked for. */
function barsOf({ sustained, at70, ofFloor, floor }: Measured): Bar[] {
  const ofProcessorTime = (costOf(floor.spent) / costOf(at70.spent)) * 100
  const told = bar('of the floor by processor time, %', ofProcessorTime, null, '')
  if (Number.isNaN(sustained)) return [told]
  const { p99 } = at70.accept
  const isFast = sustained >= LEAST_RATE
  return [
    bar('10 KB, P-256, one to: documents/s end to end', sustained, isFast, `≥ ${LEAST_RATE}`),
    bar('p99 of accept at 70 % of that, ms', p99, p99 < MOST_P99, `< ${MOST_P99}`),
    bar('of the floor, %', ofFloor * 100, ofFloor >= LEAST_OF_FLOOR, `≥ ${LEAST_OF_FLOOR * 100}`),
    told,
  ]
}

/** Whatever the load, what was accepted arrives; and at 70 % of what is sustained nobody is refused. */
function wholeBars(measured: readonly Measured[]): Bar[] {
  const lost = measured
    .flatMap(({ found, at70 }) => [at70, found?.run, found?.closed])
    .reduce((sum, run) => sum + (run?.lost ?? 0), 0)
  const refused = measured.reduce((sum, { at70 }) => sum + at70.refused, 0)
  // A rate that was asked for may be more than is sustained.
  const isJudged = measured.every(({ found }) => found !== null)
  return [
    bar('accepted and not acknowledged by all, documents of all runs', lost, lost === 0, '0'),
    isJudged
      ? bar('refused at 70 %', refused, refused === 0, '0')
      : bar('refused at the rate asked for', refused, null, ''),
  ]
}

const ofKind =
  (kind: Case['kind']) =>
  async (options: PartOptions): Promise<PartResult> => {
    const measured = await measureAll(matrix(kind), options)
    return { data: measured, tables: loadTables(measured), bars: wholeBars(measured) }
  }

export const pdf = ofKind('pdf')
export const large = ofKind('large')

/** One first: the others are told beside it. */
const SIZES = [
  [1, 1],
  [2, 1],
  [1, 2],
  [2, 2],
] as const

/** What a second API, a second worker and both add. */
export async function scale(options: PartOptions): Promise<PartResult> {
  const cases = SIZES.map(
    ([apis, workers]): Case => ({ kind: 'small', recipients: 1, seal: 'p256', apis, workers }),
  )
  const measured = await measureAll(cases, options)
  return {
    data: measured,
    tables: `${addedTable(measured)}\n\n${loadTables(measured)}`,
    bars: wholeBars(measured),
  }
}
