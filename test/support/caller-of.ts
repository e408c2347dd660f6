import type { Caller } from '../../src/domain/caller.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'

/** An agency's own system, as it is known once it has shown its token. */
export const callerOf = (agency: string): Caller => ({
  clientId: `dms-${agency}`,
  role: 'agency',
  agency: agencyCode(agency),
})
