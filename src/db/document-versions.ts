import { type DocumentKey, documentKey } from '../domain/identifiers.ts'
import type { Queryable } from './pool.ts'

interface Version {
  readonly root: DocumentKey
  readonly key: DocumentKey
}

/**
 * Each of these documents together with its updates, and with what it updates, in the order of acceptance: whoever
 * speaks of one of them speaks of what the recipient holds, whichever version that is.
 */
async function findVersions(db: Queryable, roots: readonly DocumentKey[]): Promise<Version[]> {
  if (roots.length === 0) return []
  const { rows } = await db.query<{ root: string; id: string }>({
    name: 'find-versions',
    text: `with recursive version (root, id) as (
        select root, root from unnest($1::uuid[]) as root
        union
        select version.root,
          case when target.target_id = version.id then target.document_id else target.target_id end
        from version
        join document_target as target on version.id in (target.target_id, target.document_id)
        join document on document.id = target.document_id and document.operation = 'update')
      select version.root, version.id from version join document using (id)
      order by document.accepted_at, document.id`,
    values: [roots],
  })
  return rows.map((row) => ({ root: documentKey(row.root), key: documentKey(row.id) }))
}

/** The versions of some documents, as one list in the order of acceptance. */
export async function listVersions(db: Queryable, documents: readonly DocumentKey[]): Promise<DocumentKey[]> {
  return [...new Set((await findVersions(db, documents)).map(({ key }) => key))]
}

/** The versions of each document, in the order of acceptance. */
export async function listVersionsOfEach(
  db: Queryable,
  documents: readonly DocumentKey[],
): Promise<Map<DocumentKey, DocumentKey[]>> {
  const versions = new Map<DocumentKey, DocumentKey[]>()
  for (const { root, key } of await findVersions(db, documents)) {
    versions.set(root, [...(versions.get(root) ?? []), key])
  }
  return versions
}
