import type { Test } from 'tap'
import { type Answer, bearer, type HttpApp } from './http-app.ts'

export interface ShownDraft {
  readonly id: string
  readonly version: number
  readonly contentSha256: string
  readonly base: number
  readonly state: string
  readonly revision: number | null
  readonly effectiveAt: string | null
  readonly authors: readonly string[]
  readonly approvers: readonly string[]
  readonly warnings: readonly { readonly code: string; readonly found?: string }[]
  readonly content: readonly unknown[]
  readonly conflict: {
    readonly base: number
    readonly live: number
    readonly subjects: readonly string[]
  } | null
}

export const shownDraft = (answer: Answer): ShownDraft =>
  answer.json() as Record<string, unknown> & ShownDraft

export interface Call {
  readonly body?: unknown
  /** What `If-Match` names. */
  readonly version?: number
}

export type DraftCalls = ReturnType<typeof draftCalls>

/** The operations on drafts, each by whoever holds a token. */
export function draftCalls(served: HttpApp) {
  const call = (token: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, given: Call = {}) =>
    served.ask(`/admin/v1${path}`, {
      method,
      headers: {
        ...bearer(token),
        ...(given.body !== undefined && { 'content-type': 'application/json' }),
        ...(given.version !== undefined && { 'if-match': `"${given.version}"` }),
      },
      ...(given.body !== undefined && { body: JSON.stringify(given.body) }),
    })
  const create = (token: string, draft: object) =>
    call(token, 'POST', '/drafts', { body: { title: 'Thử', ...draft } })
  const edit = (token: string, { id, version }: ShownDraft, body: object) =>
    call(token, 'PUT', `/drafts/${id}/content`, { version, body })
  const step = (token: string, name: 'submit' | 'rebase', { id, version }: ShownDraft) =>
    call(token, 'POST', `/drafts/${id}/${name}`, { version })
  const move = (token: string, name: 'reopen' | 'withdraw', { id }: ShownDraft) =>
    call(token, 'POST', `/drafts/${id}/${name}`)
  const approve = (token: string, { id, version, contentSha256 }: ShownDraft) =>
    call(token, 'POST', `/drafts/${id}/approve`, { body: { version, contentSha256 } })
  const get = async (token: string, { id }: ShownDraft, part = '') =>
    call(token, 'GET', `/drafts/${id}${part}`)
  /** A draft that waits for its approval. */
  const submitted = async (t: Test, token: string, draft: object): Promise<ShownDraft> => {
    const created = await create(token, draft)
    t.equal(created.status, 201, created.text)
    const answer = await step(token, 'submit', shownDraft(created))
    t.equal(answer.status, 200, answer.text)
    return shownDraft(answer)
  }
  /** A draft in force. */
  const enforce = async (t: Test, author: string, approver: string, draft: object): Promise<ShownDraft> => {
    const answer = await approve(approver, await submitted(t, author, draft))
    t.equal(answer.status, 200, answer.text)
    return shownDraft(answer)
  }
  return { call, create, edit, step, move, approve, get, submitted, enforce }
}

/** A problem of this code, with these faults where they are named. */
export function isProblem(t: Test, answer: Answer, code: string, faults?: readonly string[]): void {
  const problem = answer.json() as { code: string; errors?: { code: string; path?: string }[] }
  t.equal(problem.code, code, answer.text)
  if (faults === undefined) return
  const told = (problem.errors ?? []).map((fault) => `${fault.code} ${fault.path ?? ''}`.trim())
  t.strictSame(told.sort(), [...faults].sort())
}
