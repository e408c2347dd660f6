import type { SubIndication } from '../../domain/indication.ts'
import type { SignatureCheck } from '../../domain/signature-report.ts'
import { type CheckId, passed } from '../checks.ts'
import {
  type Level,
  POLICY_CHECKS,
  type PolicyCheckId,
  type ValidationPolicy,
} from '../policy/policy-checks.ts'

/** One check as the policy sees it. */
export interface Judgement {
  readonly check: SignatureCheck
  /** What the signature is because of it; undefined where it does not stand in the way. */
  readonly sub?: SubIndication
}

const OUTCOMES = { fail: 'failed', warn: 'warned', ignore: 'ignored' } as const satisfies Record<
  Level,
  string
>

export const held = (check: CheckId): Judgement => ({ check: passed(check) })

export interface Particulars {
  readonly found?: string
  /** In place of the sub-indication of the row. */
  readonly sub?: SubIndication
  /** In place of what the policy says: where nothing is left to it. */
  readonly level?: Level
}

/** A check that does not pass, weighed by the policy. */
export function weighed(
  { levels }: ValidationPolicy,
  id: PolicyCheckId,
  { found, sub, level = levels[id] }: Particulars = {},
): Judgement {
  const row = POLICY_CHECKS[id]
  const shown = found === undefined ? '' : `: ${found.slice(0, 200)}`
  const reason = { vi: `${row.vi}${shown}`, en: `${row.en}${shown}` }
  return {
    check: { check: row.check, outcome: OUTCOMES[level], code: id, reason },
    ...(level === 'fail' && { sub: sub ?? row.sub }),
  }
}

export const stands = (judgements: readonly Judgement[]): boolean =>
  judgements.every(({ sub }) => sub === undefined)
