import type { Line } from '../journal.ts'

/**
 * A journal as it would be without some documents: what is named as lost by a restoration is not there by right, and who
 * took it holds what the gateway knows nothing of.
 * @param lost keys of documents
 */
export function withoutLost(journal: readonly Line[], lost: ReadonlySet<string>): Line[] {
  const names = new Set<string>()
  for (const line of journal) if (line.is === 'accepted' && lost.has(line.key)) names.add(line.document)
  return journal.filter((line) => !('document' in line) || line.is === 'intent' || !names.has(line.document))
}
