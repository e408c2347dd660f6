import { documentKey } from '../domain/identifiers.ts'
import { anyDocument } from '../receipts/evidence.ts'
import { documentTimeline } from '../receipts/timeline.ts'
import { readArguments, uuid } from './arguments.ts'
import { withDatabase } from './with-database.ts'

/** `tram document show ID`: what is on record of a document, but not its content. */
export function documentShow(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  const key = documentKey(uuid(positionals[0]!))
  return withDatabase(async (pool) => {
    const { document, claims } = await anyDocument(pool, key)
    const timeline = await documentTimeline(pool, key)
    console.log(JSON.stringify({ ...document, claims, timeline }, null, 2))
  })
}
