import type { CredentialTie } from '../../db/credential-ties.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { CallerRole } from '../../domain/caller.ts'
import type { Draft } from '../../domain/draft.ts'
import { isClientId } from '../clients.ts'

/** Why somebody cannot be the second person of a draft. */
export const APPROVAL_OBJECTIONS = {
  'approver-no-administrator': {
    vi: 'Chỉ hệ thống có vai trò quản trị và chưa bị thu hồi mới được phê duyệt.',
    en: 'Only a client with the role of administrator that is not revoked approves.',
  },
  'draft-not-submitted': {
    vi: 'Bản nháp không ở trạng thái chờ phê duyệt.',
    en: 'The draft is not submitted for approval.',
  },
  'version-not-seen': {
    vi: 'Phê duyệt nêu phiên bản hoặc giá trị băm khác với phiên bản đang chờ; hãy xem lại bản nháp.',
    en: 'The approval names another version or digest than the one that waits; look at the draft again.',
  },
  'approver-is-author': {
    vi: 'Người đã soạn bất kỳ phiên bản nào của bản nháp không được phê duyệt nó.',
    en: 'Whoever wrote any version of the draft does not approve it.',
  },
  'author-unproven': {
    vi: 'Bản nháp có người soạn không phải là hệ thống đã xác thực; hãy hủy và soạn lại dưới tên một quản trị.',
    en: 'An author of the draft is no authenticated client; withdraw it, and write it anew as an administrator.',
  },
  'approver-tied-to-author': {
    vi: 'Người soạn và người phê duyệt không độc lập: một bên, trực tiếp hoặc qua người khác, đã tạo hoặc đặt bí mật, khóa, chứng thư cho bên kia.',
    en: 'Author and approver are not independent: one of them has created the other, or set its secret, keys or certificate, directly or through others.',
  },
  'approver-set-up-since': {
    vi: 'Thông tin xác thực của người phê duyệt được đặt bằng dòng lệnh sau khi bản nháp được tạo.',
    en: "The approver's credentials were set on the command line after the draft was begun.",
  },
} as const satisfies Record<string, Bilingual>

export type ApprovalObjection = keyof typeof APPROVAL_OBJECTIONS

export interface Approver {
  readonly clientId: string
  readonly role: CallerRole
  readonly revokedAt: Date | null
  /** When its credentials were last set on the command line; null where they never were. */
  readonly setByOperatorAt: Date | null
}

/** What an approver says that he has seen. */
export interface Seen {
  readonly version: number
  readonly contentSha256: string
}

type Judged = Pick<Draft, 'state' | 'version' | 'contentSha256' | 'authors' | 'createdAt'>

/**
 * Four eyes: whether somebody can be the second person of a draft; undefined where he can. There is no setting that
 * loosens this, and no role that is above it. Whoever has set another's credentials may have acted in its name, and so
 * counts as the same person, through any number of steps. Operators of the command line are no clients: they write
 * nothing that can be approved, and tie nobody together, for the first clients of an installation are theirs; yet they
 * cannot set up an approver for a draft that is there already.
 * @param ties who has set whose credentials, among the clients of administrators
 */
export function approvalObjection(
  draft: Judged,
  approver: Approver,
  seen: Seen,
  ties: readonly CredentialTie[],
): ApprovalObjection | undefined {
  if (approver.role !== 'admin' || approver.revokedAt !== null) return 'approver-no-administrator'
  if (draft.authors.includes(approver.clientId)) return 'approver-is-author'
  if (!draft.authors.every(isClientId)) return 'author-unproven'
  const tied = tiedTo(approver.clientId, ties)
  if (draft.authors.some((author) => tied.has(author))) return 'approver-tied-to-author'
  if (approver.setByOperatorAt !== null && approver.setByOperatorAt > draft.createdAt)
    return 'approver-set-up-since'
  if (draft.state !== 'submitted') return 'draft-not-submitted'
  const hasSeen = seen.version === draft.version && seen.contentSha256 === draft.contentSha256
  return hasSeen ? undefined : 'version-not-seen'
}

/** Everybody whom credentials tie to a client, itself among them. */
function tiedTo(clientId: string, ties: readonly CredentialTie[]): ReadonlySet<string> {
  const neighbours = new Map<string, string[]>()
  const join = (one: string, other: string) => neighbours.set(one, [...(neighbours.get(one) ?? []), other])
  for (const tie of ties) {
    join(tie.clientId, tie.author)
    join(tie.author, tie.clientId)
  }
  const found = new Set([clientId])
  for (const one of found) for (const other of neighbours.get(one) ?? []) found.add(other)
  return found
}
