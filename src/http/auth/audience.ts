import type { Role } from '../../domain/caller.ts'

/** Where the door of each role stands, below the public URL. */
export const DOOR_PREFIXES: Record<Role, string> = {
  agency: '/v1',
  admin: '/admin/v1',
  auditor: '/auditor/v1',
}

/** The audience of tokens for the door of a role (RFC 9068 §2.2). */
export const audienceOf = (publicUrl: string, role: Role): string => `${publicUrl}${DOOR_PREFIXES[role]}`
