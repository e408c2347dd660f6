import { Type } from 'typebox'
import type { ClientRecord } from '../../db/clients.ts'
import { DateTime, Nullable, NullableDateTime } from '../schemas/common.ts'

export const ClientId = Type.String({ pattern: '^[A-Za-z0-9._-]{3,100}$' })
export const ClientParam = Type.Object({ clientId: ClientId })
const ROLES = ['agency', 'admin', 'auditor'] as const
export const RoleId = Type.Enum([...ROLES])

export const ClientSchema = Type.Object({
  clientId: Type.String(),
  role: Type.Enum([...ROLES, 'gateway'], {
    description: 'gateway: another exchange, from which this gateway fetches; it cannot sign in',
  }),
  agency: Nullable(Type.String()),
  name: Type.String(),
  keyIds: Type.Array(Type.String(), { description: 'Keys with which it signs its assertions' }),
  certificateSha256: Nullable(Type.String({ description: 'TLS certificate that its tokens are bound to' })),
  createdAt: DateTime,
  revokedAt: NullableDateTime,
})

export const presentClient = ({ keys, certificate, ...client }: ClientRecord) => ({
  ...client,
  keyIds: (keys ?? []).map((key) => String(key.kid)),
  certificateSha256: certificate,
})
