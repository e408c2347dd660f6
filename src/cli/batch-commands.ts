import type { BatchCommand } from './job.ts'

export type BatchCommandName = 'canonicalize' | 'chain' | 'verify' | 'tsverify'

/** The commands that take jobs line by line. Each is loaded when it is called. */
export const BATCH_COMMANDS: Record<BatchCommandName, () => Promise<BatchCommand>> = {
  canonicalize: async () => (await import('./canonicalize-job.ts')).canonicalizeJobs(),
  chain: async () => (await import('./chain-job.ts')).chainJobs(),
  verify: async () => (await import('./verify-job.ts')).verifyJobs(),
  tsverify: async () => (await import('./tsverify-job.ts')).tsverifyJobs(),
}
