import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Teardown, temporaryFolder } from './temporary-folder.ts'

const OURS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url))
const NEXT = fileURLToPath(new URL('../fixtures/next-release', import.meta.url))

/** The migrations of a release that is to come: this one's, and two that expand, fill and contract a large table. */
export async function nextRelease(t: Teardown): Promise<string> {
  const folder = await temporaryFolder(t)
  await cp(OURS, folder, { recursive: true })
  await cp(NEXT, folder, { recursive: true })
  return folder
}
