import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const OURS = fileURLToPath(new URL('../../src/db/migrations', import.meta.url))
const NEXT = fileURLToPath(new URL('../fixtures/next-release', import.meta.url))

/** Fills a folder with a release that is to come: this one's migrations, and two that expand, fill and contract a large table. */
export async function nextRelease(folder: string): Promise<string> {
  await cp(OURS, folder, { recursive: true })
  await cp(NEXT, folder, { recursive: true })
  return folder
}
