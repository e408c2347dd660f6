import type { Act, ActName } from '../../domain/directory/act.ts'
import { type Fault, hasErrors } from '../../domain/fault.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { atOnce, type Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import { checkingEveryDay } from './check-every-day.ts'
import { correct } from './correct.ts'
import {
  addAlias,
  addCertificate,
  endAlias,
  endCertificate,
  endContact,
  setContact,
  setEndpoint,
} from './details.ts'
import { close, merge, recode, split } from './endings.ts'
import { establish } from './establish.ts'
import { endGroup, setGroup } from './groups.ts'
import type { ActContext, Change, Outcome, PastCorrection } from './outcome.ts'
import { move, rename } from './rename-and-move.ts'
import { type Carry, type Remark, remarkFault, type Step } from './step.ts'
import { MOST_OF_ALL, MOST_OF_ONE, Workbench } from './workbench.ts'

/** One row an act. */
const ACTS: { readonly [N in ActName]: Carry<N> } = {
  establish,
  rename,
  move,
  merge,
  split,
  recode,
  close,
  'add-alias': addAlias,
  'end-alias': endAlias,
  'set-contact': setContact,
  'end-contact': endContact,
  'set-endpoint': setEndpoint,
  'add-certificate': addCertificate,
  'end-certificate': endCertificate,
  'set-group': setGroup,
  'end-group': endGroup,
  correct,
}
type Rows = { readonly [N in ActName]: Carry<N> }

/**
 * What acts come to, carried out one after the other, each on the directory that those before it left. Everything that
 * is wrong is told together, of the acts and of every day on which something would change; then nothing is done. Pure:
 * the snapshot stays as it is.
 */
export const carryOut = (snapshot: DirectorySnapshot, acts: readonly Act[], context: ActContext): Outcome =>
  atOnce(carryingOut(snapshot, acts, context))

/** As `carryOut`, in steps: thousands of acts take seconds. */
export function* carryingOut(
  snapshot: DirectorySnapshot,
  acts: readonly Act[],
  context: ActContext,
): Sliced<Outcome> {
  const bench = new Workbench(snapshot)
  const faults: Fault[] = []
  const notes: PastCorrection[] = []
  for (const [index, act] of acts.entries()) {
    const path = `${context.path ?? '#/content'}/${index}`
    const step: Step = {
      bench,
      view: bench.view,
      context,
      refuse: (remark) => void faults.push(remarkFault(path, 'error', remark)),
      warn: (remark) => void faults.push(remarkFault(path, 'warning', remark)),
    }
    bench.begin(path)
    yield* carry(act.act, step, act, ACTS) ?? ONE_STEP
    yield
    if (bench.overwritten !== undefined) {
      faults.push(remarkFault(path, 'error', tooMuchOfOne(bench.overwritten)))
      return refusedWith(faults, snapshot)
    }
    const past = (yield* bench.changing()).filter(({ from }) => from < context.today)
    if (past.length > 0) notes.push(pastCorrection(path, past))
  }
  const all = [...faults, ...withoutRepeated(yield* checkingEveryDay(bench, context), faults)]
  const refused = hasErrors(all)
  return {
    delta: refused ? { asserted: [], retracted: [] } : yield* bench.delta(),
    faults: all.filter(({ severity }) => severity === 'error'),
    warnings: all.filter(({ severity }) => severity === 'warning'),
    notes,
    correctsPast: notes.length > 0,
    after: refused ? snapshot : bench.view,
  }
}

/** Acts that are done with one step. */
const ONE_STEP: readonly undefined[] = []

const refusedWith = (faults: readonly Fault[], snapshot: DirectorySnapshot): Outcome => ({
  delta: { asserted: [], retracted: [] },
  faults: faults.filter(({ severity }) => severity === 'error'),
  warnings: faults.filter(({ severity }) => severity === 'warning'),
  notes: [],
  correctsPast: false,
  after: snapshot,
})

const tooMuchOfOne = (code: AgencyCode): Remark => ({
  code: 'too-many-facts',
  field: '',
  found: code,
  vi: `Đến ${code}, bản nháp đã ghi và rút quá nhiều dữ kiện: tối đa ${MOST_OF_ONE} của một mã, ${MOST_OF_ALL} tất cả; hãy chia ra.`,
  en: `At ${code} the draft has said and taken back too many facts: at most ${MOST_OF_ONE} of one code, ${MOST_OF_ALL} in all; divide it.`,
})

const carry = <N extends ActName>(
  name: N,
  step: Step,
  act: Extract<Act, { act: N }>,
  rows: Rows,
): ReturnType<Carry<N>> => rows[name](step, act)

function pastCorrection(path: string, changes: readonly Change[]): PastCorrection {
  const from = changes.reduce(
    (first, change) => (change.from < first ? change.from : first),
    changes[0]!.from,
  )
  const codes = [...new Set(changes.map(({ subject }) => subject))]
  const named = `${codes.slice(0, 5).join(', ')}${codes.length > 5 ? `, … (${codes.length})` : ''}`
  return {
    correctsPast: true,
    path,
    changes,
    text: {
      vi: `Sửa quá khứ: từ ${from} danh bạ sẽ nói khác về ${named}. Nội dung cũ vẫn được lưu.`,
      en: `Corrects the past: from ${from} on the directory will say otherwise of ${named}. What it said stays on record.`,
    },
  }
}

/** What an act was told already is not told once more by the check of all days. */
function withoutRepeated(later: readonly Fault[], faults: readonly Fault[]): Fault[] {
  const told = new Set(faults.map(topicOf))
  return later.filter((fault) => !told.has(topicOf(fault)))
}

const topicOf = ({ code, found, path = '' }: Fault): string =>
  [code, found, ...path.split('/').slice(0, 3)].join(' ')
