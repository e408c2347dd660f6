import type { Act, ActName } from '../../domain/directory/act.ts'
import type { Fault } from '../../domain/fault.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Sliced } from '../slices.ts'
import type { DirectorySnapshot } from '../snapshot/snapshot.ts'
import type { ActContext } from './outcome.ts'
import type { Workbench } from './workbench.ts'

/** What is said of something in an act. */
export interface Remark {
  readonly code: string
  /** The field of the act, such as `into/0/code`; empty for the act as a whole. */
  readonly field: string
  readonly found?: string
  readonly expected?: string | undefined
  readonly vi: string
  readonly en: string
}

/** One act being carried out. */
export interface Step {
  readonly bench: Workbench
  /** The directory with the acts before this one, and with what this one has written. */
  readonly view: DirectorySnapshot
  readonly context: ActContext
  /** Refuses the act, and with it all of them. */
  refuse(remark: Remark): void
  warn(remark: Remark): void
}

/** How an act is carried out: it writes to the bench, and refuses or warns; in steps where one act may say much. */
export type Carry<N extends ActName> = (step: Step, act: Extract<Act, { act: N }>) => void | Sliced<void>

export function remarkFault(path: string, severity: Fault['severity'], remark: Remark): Fault {
  const { code, field, found, expected, vi, en } = remark
  return {
    code,
    severity,
    path: field === '' ? path : `${path}/${field}`,
    ...(found !== undefined && { found }),
    ...(expected !== undefined && { expected }),
    hint: { vi, en },
  }
}

/** `Name (code)` as on a day; the code alone where it has no name. */
export function nameOf(view: DirectorySnapshot, code: AgencyCode, day: string): string {
  const name = view.agency(code, day)?.name ?? view.nearest(code, 'group', day)?.value.name
  return name === undefined ? code : `${name} (${code})`
}
