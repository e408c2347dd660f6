import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeServiceData } from '../../scripts/services/index.ts'

/** What a test gives us of itself: tap's `t`, or anything that runs `teardown` when it ends. */
export interface Teardown {
  teardown(handler: () => unknown): void
}

/** A folder of its own for a test, removed after it; services in it must have stopped by then. */
export async function temporaryFolder(t: Teardown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tram-test-'))
  t.teardown(() => removeServiceData(folder))
  return folder
}
