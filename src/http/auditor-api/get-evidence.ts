import { Type } from 'typebox'
import { documentKey } from '../../domain/identifiers.ts'
import { takeEvidence } from '../../receipts/evidence.ts'
import { sendContent } from '../agency-api/send-content.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { DocumentParam, documentDetail } from './get-document.ts'

const Query = Type.Object(
  {
    content: Type.Optional(
      Type.Boolean({ description: 'True gives the packet and its attachments too; false where left out' }),
    ),
  },
  { additionalProperties: false },
)

const Evidence = {
  description: 'ASiC-E (ETSI EN 319 162-1) with the content; a ZIP of receipts, seal and facts without.',
  content: {
    'application/zip': { schema: Type.String({ format: 'binary' }) },
    'application/vnd.etsi.asic-e+zip': { schema: Type.String({ format: 'binary' }) },
  },
}

export const getEvidence: Operation = (app, { pool, blobs, receiptKeyAt }) => {
  app.get(
    '/documents/:id/evidence',
    {
      schema: {
        operationId: 'getEvidence',
        summary: 'Take the evidence on a document; that it was taken is on record',
        tags: ['documents'],
        params: DocumentParam,
        querystring: Query,
        response: {
          200: Evidence,
          ...problemResponses('not-found', 'content-damaged', 'storage-unavailable'),
        },
      },
    },
    async ({ params, query: { content = false }, caller }, reply) => {
      const key = documentKey(params.id)
      const facts = await documentDetail(pool, key)
      const evidence = await takeEvidence(
        { pool, blobs, receiptKeyAt },
        { caller, document: key, content, facts },
      )
      return sendContent(reply, evidence)
    },
  )
}
