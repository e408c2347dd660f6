import {
  DRAFT_STATES,
  DRAFT_STEPS,
  type Draft,
  type DraftConflict,
  type DraftStep,
} from '../../domain/draft.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import { APPROVAL_OBJECTIONS, type ApprovalObjection } from './may-approve.ts'

export const noSuchDraft = (id: string): GatewayError =>
  new GatewayError('not-found', {
    detail: { vi: `Không có bản nháp ${id}.`, en: `There is no draft ${id}.` },
  })

/** @throws GatewayError `delivery-state-conflict` where a step cannot be made from the draft's state */
export function checkStep({ state }: Draft, step: DraftStep): void {
  const from: readonly string[] = DRAFT_STEPS[step]
  if (from.includes(state)) return
  const { vi, en } = DRAFT_STATES[state]
  throw new GatewayError('delivery-state-conflict', {
    detail: { vi: `Bản nháp ở trạng thái: ${vi}.`, en: `The draft is ${en}.` },
  })
}

/** @throws GatewayError `revision-conflict` where somebody has written a later version */
export function checkVersion({ version }: Draft, seen: number): void {
  if (version === seen) return
  throw new GatewayError('revision-conflict', {
    detail: {
      vi: `Bản nháp đã ở phiên bản ${version}.`,
      en: `The draft is at version ${version} by now.`,
    },
  })
}

export const approvalRefused = (objection: ApprovalObjection): GatewayError => {
  const hint = APPROVAL_OBJECTIONS[objection]
  return new GatewayError('approval-refused', {
    detail: hint,
    faults: [{ code: objection, severity: 'error', hint }],
  })
}

/** A draft whose base is no longer what is in force, with what was changed since. */
export function draftConflict({ base, live, subjects }: DraftConflict): GatewayError {
  const changed = (code: string): Fault => ({
    code: 'subject-changed-since',
    severity: 'error',
    found: code,
    hint: {
      vi: `${code} đã được thay đổi sau bản ${base}.`,
      en: `${code} was changed after revision ${base}.`,
    },
  })
  return new GatewayError('revision-conflict', {
    detail: {
      vi: `Bản nháp dựa trên bản ${base}, bản mới nhất đã duyệt là ${live}. Hãy dựng lại bản nháp trên bản mới (rebase).`,
      en: `The draft was made from revision ${base}, and the latest approved one is ${live}. Rebase it.`,
    },
    faults: subjects.slice(0, 100).map(changed),
  })
}

export const warningsChanged = (): GatewayError =>
  new GatewayError('revision-conflict', {
    detail: {
      vi: 'Cảnh báo của bản nháp đã khác so với khi trình; hãy xem lại rồi phê duyệt.',
      en: 'What is told of this draft has changed since it was submitted; look again, then approve.',
    },
  })
