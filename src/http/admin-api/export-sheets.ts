import { Type } from 'typebox'
import { currentRoutingTable, findRoutingTable } from '../../db/routing.ts'
import { directoryOn, getAgency } from '../../directory/agencies.ts'
import { directorySheet, routingSheet } from '../../directory/drafts/export-sheets.ts'
import { GatewayError } from '../../domain/problem.ts'
import { SHEET_FORMAT_IDS, SHEET_FORMATS, type SheetFormat } from '../../sheets/formats.ts'
import type { Operation } from '../operation.ts'
import { Code } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ON } from './agency-schemas.ts'
import { entityTag } from './if-match.ts'

const FORM = {
  lang: Type.Optional(Type.Enum(['vi', 'en'], { description: 'Language of the header; vi where left out' })),
  delimiter: Type.Optional(
    Type.Enum(['comma', 'semicolon'], { description: 'CSV: between the cells; comma where left out' }),
  ),
}
const DELIMITERS = { comma: ',', semicolon: ';' } as const

const RoutingQuery = Type.Object(
  {
    ...FORM,
    revision: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: 'The one in force where left out' }),
    ),
  },
  { additionalProperties: false },
)

const DirectoryQuery = Type.Object(
  {
    ...FORM,
    ...ON,
    under: Type.Optional({ ...Code, description: 'This agency and all beneath it' }),
    closed: Type.Optional(Type.Boolean({ description: 'Also those that have closed by then' })),
  },
  { additionalProperties: false },
)

const fileOf = (format: SheetFormat) => ({
  description:
    'A file that import takes back. No spreadsheet takes a cell of it for a formula. The ETag is the revision.',
  content: {
    [SHEET_FORMATS[format].contentType.split(';')[0]!]: { schema: Type.String({ format: 'binary' }) },
  },
})

const headersOf = (format: SheetFormat, name: string, revision: number) => ({
  'content-type': SHEET_FORMATS[format].contentType,
  'content-disposition': `attachment; filename="${name}.${format}"`,
  'cache-control': 'private, no-store',
  etag: entityTag(revision),
})

const name = (what: string, format: SheetFormat) => `${what}${format === 'csv' ? 'Csv' : 'Xlsx'}`

/** The routing table and the directory, each as CSV and as XLSX. */
export const exportSheets: Operation = (app, context) => {
  for (const format of SHEET_FORMAT_IDS) {
    exportRouting(app, context, format)
    exportDirectory(app, context, format)
  }
}

type Export = (...given: [...Parameters<Operation>, SheetFormat]) => void

const exportRouting: Export = (app, { pool }, format) => {
  app.get<{ Querystring: Type.Static<typeof RoutingQuery> }>(
    `/routing-table.${format}`,
    {
      schema: {
        operationId: name('exportRoutingTable', format),
        summary: `Export a routing table as ${format.toUpperCase()}`,
        tags: ['routing'],
        querystring: RoutingQuery,
        response: { 200: fileOf(format), ...problemResponses('not-found') },
      },
    },
    async ({ query: { revision, lang = 'vi', delimiter = 'comma' } }, reply) => {
      const table =
        revision === undefined ? await currentRoutingTable(pool) : await findRoutingTable(pool, revision)
      if (table === undefined) throw new GatewayError('not-found')
      const file = SHEET_FORMATS[format].write(routingSheet(table.rules, lang), DELIMITERS[delimiter])
      return reply.headers(headersOf(format, `routing-table-${table.revision}`, table.revision)).send(file)
    },
  )
}

const exportDirectory: Export = (app, context, format) => {
  app.get<{ Querystring: Type.Static<typeof DirectoryQuery> }>(
    `/directory.${format}`,
    {
      schema: {
        operationId: name('exportDirectory', format),
        summary: `Export the agencies of a day as ${format.toUpperCase()}`,
        tags: ['agencies'],
        querystring: DirectoryQuery,
        response: { 200: fileOf(format), ...problemResponses('not-found') },
      },
    },
    async ({ query: { on, under, closed, lang = 'vi', delimiter = 'comma' } }, reply) => {
      const known = await directoryOn(context, on)
      const { directory, day } = known
      const top = under === undefined ? undefined : getAgency(known, under).code
      const sheet = directorySheet(directory, day, { under: top, closed }, lang)
      const file = SHEET_FORMATS[format].write(sheet, DELIMITERS[delimiter])
      return reply.headers(headersOf(format, `directory-${day}`, directory.revision)).send(file)
    },
  )
}
