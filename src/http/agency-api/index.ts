import { admitter } from '../admit.ts'
import { authenticate } from '../auth/authenticate.ts'
import type { Door } from '../door.ts'
import { addGroupRoutes } from '../group-routes.ts'
import { registerOpenApi } from '../openapi/register.ts'
import { acknowledgeItem } from './acknowledge-item.ts'
import { getAgency, listAgencies } from './agencies.ts'
import { refuseEncodedBody, takeJson, takeUploads } from './body-parsers.ts'
import { replaceDocument, updateDocument } from './change-document.ts'
import { claimItems } from './claim-items.ts'
import { createSeal } from './create-seal.ts'
import {
  getDocumentAttachment,
  getDocumentContainer,
  getDocumentPacket,
  getDocumentReceipt,
} from './document-content.ts'
import { deleteEndpoint, getEndpoint, listWebhookKeys, putEndpoint } from './endpoint.ts'
import { getDocument } from './get-document.ts'
import { getDocumentReceipts } from './get-document-receipts.ts'
import { getInboxItem } from './get-inbox-item.ts'
import { getTimeline } from './get-timeline.ts'
import { getInboxAttachment, getInboxContainer, getInboxPacket } from './inbox-content.ts'
import { listDocuments } from './list-documents.ts'
import { listInbox } from './list-inbox.ts'
import { listReceived } from './list-received.ts'
import { type Operation, TAGS } from './operation.ts'
import { recallDocument } from './recall-document.ts'
import { reportStatus } from './report-status.ts'
import { submitDocument } from './submit-document.ts'

/** Operations whose bodies are packets or forms. */
const UPLOADS: readonly Operation[] = [submitDocument, updateDocument, replaceDocument, createSeal]

const OPERATIONS: readonly Operation[] = [
  listDocuments,
  getDocument,
  getDocumentPacket,
  getDocumentAttachment,
  getDocumentContainer,
  getDocumentReceipt,
  getDocumentReceipts,
  getTimeline,
  recallDocument,
  listInbox,
  listReceived,
  claimItems,
  getInboxItem,
  getInboxPacket,
  getInboxAttachment,
  getInboxContainer,
  acknowledgeItem,
  reportStatus,
  listAgencies,
  getAgency,
  getEndpoint,
  putEndpoint,
  deleteEndpoint,
  listWebhookKeys,
]

/** The door for the document-management systems of agencies. */
export const agencyApi: Door = async (app, { context }) => {
  await registerOpenApi(app, 'agency')
  const stopping = new AbortController()
  app.addHook('preClose', async () => stopping.abort())
  app.addHook('onRequest', authenticate(context, 'agency'))
  app.addHook('preParsing', refuseEncodedBody)
  takeJson(app)
  const surroundings = { context, stopping: stopping.signal, admit: admitter(context.admission) }
  for (const add of OPERATIONS) add(app, surroundings)
  addGroupRoutes(app, context, '/groups', TAGS.directory)
  await app.register(async (uploads) => {
    takeUploads(uploads)
    for (const add of UPLOADS) add(uploads, surroundings)
  })
}
