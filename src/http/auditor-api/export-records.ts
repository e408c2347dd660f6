import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { exportRecords as readRecords } from '../../audit/export-records.ts'
import type { RecordKind, RecordRows } from '../../db/search.ts'
import { vietnamDay } from '../../domain/vietnam-time.ts'
import type { Operation } from '../operation.ts'
import { problemResponses } from '../schemas/problem.ts'
import { EXPORT_FORMATS, type ExportFormatId } from './export-format.ts'
import { FILTER_FIELDS, type FilterQuery, toFilters } from './filters.ts'
import { columnsOf, operationIdOf, presentRecord, RECORD_KINDS } from './record-schemas.ts'

const FORMAT = { format: Type.Enum(Object.keys(EXPORT_FORMATS) as ExportFormatId[]) }

const FILE = {
  description: 'Every record that passes the filters, the newest first. Cut short, the connection breaks.',
  content: Object.fromEntries(
    Object.values(EXPORT_FORMATS).map(({ contentType }) => [
      contentType.split(';')[0],
      { schema: Type.String() },
    ]),
  ),
}

/** One export a kind of record, with the filters of its list. */
export const exportRecords: Operation = (app, { pool }) => {
  for (const kind of RECORD_KINDS) {
    app.get<{ Querystring: FilterQuery & { format: ExportFormatId } }>(
      `/export/${kind}`,
      {
        schema: {
          operationId: operationIdOf('export', kind),
          summary: `Export ${kind} as CSV or as one JSON object a line; the export itself is on record`,
          description:
            'CSV: UTF-8 with a byte order mark, RFC 4180, names of the columns first. A cell that a spreadsheet would take for a formula has a single quote before it.',
          tags: ['export'],
          querystring: Type.Object({ ...FORMAT, ...FILTER_FIELDS[kind] }, { additionalProperties: false }),
          response: { 200: FILE, ...problemResponses() },
        },
      },
      async ({ query, caller }, reply) => {
        const { format, ...asked } = query
        const filters = toFilters(kind, asked)
        const batches = await readRecords(pool, caller, { kind, filters, format, asked })
        return reply
          .header('content-type', EXPORT_FORMATS[format].contentType)
          .header('content-disposition', `attachment; filename="${kind}-${vietnamDay(new Date())}.${format}"`)
          .header('cache-control', 'private, no-store')
          .send(Readable.from(written(kind, format, batches), { highWaterMark: 1 }))
      },
    )
  }
}

/** The file in pieces of one batch each. */
async function* written<K extends RecordKind>(
  kind: K,
  formatId: ExportFormatId,
  batches: AsyncIterable<RecordRows[K][]>,
): AsyncGenerator<string> {
  const format = EXPORT_FORMATS[formatId]
  const columns = columnsOf(kind)
  const head = format.head(columns)
  if (head !== '') yield head
  for await (const rows of batches) {
    if (rows.length > 0) yield rows.map((row) => format.row(presentRecord(kind, row), columns)).join('')
  }
}
