import { Type } from 'typebox'
import { databaseNow } from '../../db/now.ts'
import {
  CERTIFICATE_USES,
  type CertificateUse,
  daysLeft,
  END_WARNINGS,
  endWarning,
} from '../../domain/certificate-end.ts'
import type { Operation } from '../operation.ts'
import { DateTime, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'

const Certificate = Type.Object({
  use: Type.Enum(Object.keys(CERTIFICATE_USES) as CertificateUse[]),
  subject: Type.String(),
  sha256: Type.String({ description: 'Of the DER, lower-case hex' }),
  agency: Nullable(Type.String({ description: 'Whose it is, where it is kept for an agency' })),
  notBefore: DateTime,
  notAfter: DateTime,
  daysLeft: Type.Integer({ description: 'Whole days until it ends; below zero where it has ended' }),
  warning: Type.Enum([...END_WARNINGS]),
})

export const listCertificates: Operation = (app, { pool, certificates }) => {
  app.get(
    '/certificates',
    {
      schema: {
        operationId: 'listCertificates',
        summary: 'See when each certificate ends that the gateway lives by, the next to end first',
        tags: ['health'],
        response: {
          200: Type.Object({ at: DateTime, items: Type.Array(Certificate) }),
          ...problemResponses(),
        },
      },
    },
    async () => {
      const [at, ends] = await Promise.all([databaseNow(pool), certificates()])
      const items = ends.map((one) => {
        const days = daysLeft(one, at)
        return { ...one, daysLeft: Math.floor(days), warning: endWarning(days) }
      })
      return { at, items }
    },
  )
}
