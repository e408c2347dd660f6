import { recordEvents } from '../../audit/record-events.ts'
import type { Queryable } from '../../db/pool.ts'
import type { AuditEventKind } from '../../domain/audit-event.ts'
import type { Draft } from '../../domain/draft.ts'

type DraftEventKind = Extract<AuditEventKind, `draft-${string}` | 'approval-refused'>

/** Puts a step of a draft on record: which version, by its digest. What stands in it is kept with the version. */
export const recordDraftEvent = (
  db: Queryable,
  kind: DraftEventKind,
  actor: string,
  draft: Draft,
  detail: Record<string, unknown> = {},
): Promise<void> =>
  recordEvents(db, [
    {
      kind,
      actor,
      detail: {
        draft: draft.id,
        of: draft.kind,
        version: draft.version,
        contentSha256: draft.contentSha256,
        items: draft.content.length,
        authors: draft.authors,
        ...detail,
      },
    },
  ])
