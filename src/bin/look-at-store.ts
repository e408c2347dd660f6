import type { BaseContext } from '../context.ts'

/**
 * Looks at the blob store before anybody is served, and tells what is wrong with it: a volume that is not mounted. That is no
 * reason not to start, and nor is a database that does not answer now: readiness tells of it, and what needs files is
 * refused until the store is there.
 */
export const lookAtStore = ({ blobs, log }: Pick<BaseContext, 'blobs' | 'log'>): Promise<void> =>
  blobs.probe().catch((error: unknown) => log.error({ err: error }, 'the blob store cannot be used'))
