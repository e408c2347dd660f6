import { type Static, Type } from 'typebox'
import type { ApiContext } from '../../context.ts'
import type { DocumentRecord } from '../../db/documents.ts'
import type { DeliveryPosition } from '../../db/sent-documents.ts'
import { actingAgency } from '../../directory/acting-agency.ts'
import type { Caller } from '../../domain/caller.ts'
import { documentKey } from '../../domain/identifiers.ts'
import { sentDocument } from '../../receipts/own-documents.ts'
import { BY_RECIPIENT, DEFAULT_LIMIT, PAGE_QUERY, readCursor } from '../schemas/page.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ACTING, DocumentParams } from './operation.ts'

/** What is asked about one sent document comes recipient by recipient, in pages. */
export const DOCUMENT_PAGE = {
  params: DocumentParams,
  querystring: Type.Object({ ...ACTING, ...PAGE_QUERY }, { additionalProperties: false }),
}
export const DOCUMENT_PAGE_PROBLEMS = problemResponses('not-found', 'cursor-invalid', 'delegation-missing')

interface Asked {
  readonly caller: Caller
  readonly params: Static<typeof DocumentParams>
  readonly query: Static<typeof DOCUMENT_PAGE.querystring>
}

export interface DocumentPage {
  readonly document: DocumentRecord
  /** With which delivery the page before ended. */
  readonly after: DeliveryPosition | null
  readonly limit: number
}

/** @throws GatewayError `cursor-invalid`, `delegation-missing`, `not-found` */
export async function documentPage(
  context: ApiContext,
  { caller, params, query }: Asked,
): Promise<DocumentPage> {
  const after = readCursor(query.cursor, BY_RECIPIENT) ?? null
  const agency = await actingAgency(context, caller, query.agency)
  const document = await sentDocument(context, agency, documentKey(params.documentId))
  return { document, after, limit: query.limit ?? DEFAULT_LIMIT }
}
