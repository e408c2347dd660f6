import type { RegistryHolder } from '../../../src/directory/snapshot/holder.ts'
import { openRegistry, type RegistryOptions } from '../../../src/directory/snapshot/open-registry.ts'

/** The registry as a process of the gateway keeps it; what fails ends this one. */
export const openHere = (options: Partial<RegistryOptions> = {}): Promise<RegistryHolder> =>
  openRegistry({
    databaseUrl: process.env.DATABASE_URL ?? '',
    onFailure: (error) => {
      throw error
    },
    onRecovery: () => undefined,
    ...options,
  })
