import type { ApiContext } from '../../context.ts'
import type { DocumentRecord } from '../../db/documents.ts'
import { actingAgency } from '../../directory/acting-agency.ts'
import type { Caller } from '../../domain/caller.ts'
import { type AgencyCode, documentKey } from '../../domain/identifiers.ts'
import { replacementOf, updateOf } from '../../intake/compose-change.ts'
import { sentDocument } from '../../receipts/own-documents.ts'
import { ChangeHeaderSchema } from '../schemas/document-header.ts'
import { IdempotencyHeaders } from './idempotency-key.ts'
import { ActingQuery, DocumentParams, type Operation, TAGS } from './operation.ts'
import {
  acceptanceResponses,
  acceptedReply,
  describeBodyOnly,
  headerAcceptor,
  jsonAndForm,
  refuseTooLong,
} from './submission.ts'

const acceptChange = headerAcceptor({ schema: ChangeHeaderSchema, takesEnvelope: false })

const schemaOf = (operationId: string, summary: string, description: string) => ({
  operationId,
  tags: [TAGS.documents],
  summary,
  description,
  params: DocumentParams,
  querystring: ActingQuery,
  headers: IdempotencyHeaders,
  body: { content: jsonAndForm(ChangeHeaderSchema) },
  response: acceptanceResponses(),
})

interface ChangeRequest {
  readonly caller: Caller
  readonly params: { readonly documentId: string }
  readonly query: { readonly agency?: string }
}

async function documentOf(
  context: ApiContext,
  { caller, params, query }: ChangeRequest,
): Promise<[document: DocumentRecord, agency: AgencyCode]> {
  const agency = await actingAgency(context, caller, query.agency)
  return [await sentDocument(context, agency, documentKey(params.documentId)), agency]
}

export const updateDocument: Operation = (app, surroundings) => {
  const { context, admit } = surroundings
  app.post(
    '/documents/:documentId/update',
    {
      validatorCompiler: describeBodyOnly,
      schema: schemaOf(
        'updateDocument',
        'Send a corrected version of a document under its own DocumentId',
        'Cập nhật văn bản: bên chưa lấy nhận bản mới thay bản cũ; bên đã lấy được yêu cầu trả lời 15 hoặc 16.',
      ),
    },
    async (request, reply) => {
      refuseTooLong(request, surroundings)
      const accepted = await admit(request, async () => {
        const complete = await updateOf(context, ...(await documentOf(context, request)))
        return acceptChange(request, surroundings, complete)
      })
      return acceptedReply(app, reply, accepted)
    },
  )
}

export const replaceDocument: Operation = (app, surroundings) => {
  const { context, admit } = surroundings
  app.post(
    '/documents/:documentId/replace',
    {
      validatorCompiler: describeBodyOnly,
      schema: schemaOf(
        'replaceDocument',
        'Send a document of its own that takes the place of another',
        'Thay thế văn bản: văn bản mới có mã riêng, nêu văn bản bị thay thế.',
      ),
    },
    async (request, reply) => {
      refuseTooLong(request, surroundings)
      const accepted = await admit(request, async () => {
        const complete = await replacementOf(context, ...(await documentOf(context, request)))
        return acceptChange(request, surroundings, complete)
      })
      return acceptedReply(app, reply, accepted)
    },
  )
}
