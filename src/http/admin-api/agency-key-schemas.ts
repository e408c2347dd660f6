import { Type } from 'typebox'
import type { AgencyKeyRecord } from '../../db/agency-keys.ts'
import { Code, DateTime, Nullable, NullableDateTime, Uuid } from '../schemas/common.ts'

/** What is shown of a key: never the key. */
export const AgencyKeySchema = Type.Object({
  id: Uuid,
  agency: Code,
  certificateSha256: Type.String(),
  subject: Type.String(),
  notBefore: DateTime,
  notAfter: DateTime,
  kind: Type.Enum(['pkcs12', 'token'], { description: 'Where the private key lies' }),
  sealWidthMm: Nullable(Type.Number({ description: 'Null where no image of the seal is kept' })),
  createdAt: DateTime,
  revokedAt: NullableDateTime,
})

export const presentAgencyKey = (record: AgencyKeyRecord) => ({ ...record })
