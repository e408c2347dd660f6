import { Type } from 'typebox'
import { importSheet } from '../../directory/drafts/import-sheet.ts'
import { GatewayError } from '../../domain/problem.ts'
import { SHEET_FORMATS, type SheetFormat } from '../../sheets/formats.ts'
import { SHEET_LIMITS } from '../../sheets/limits.ts'
import { JSON_TYPE, jsonStream, Streamed } from '../json-stream.ts'
import type { Operation } from '../operation.ts'
import { Day, Line, Nullable, Uuid } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { validatorCompiler } from '../validator.ts'
import { DiffSchema } from './diff-schemas.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { DraftKindId, DraftSummarySchema, presentSummary, summaryOf, Title } from './draft-schemas.ts'
import { entityTag } from './if-match.ts'

const TYPES = Object.values(SHEET_FORMATS).map(({ contentType }) => contentType.split(';')[0]!)

const Query = Type.Object(
  {
    kind: DraftKindId,
    format: Type.Enum(Object.keys(SHEET_FORMATS) as SheetFormat[]),
    title: Type.Optional(Title),
    sheet: Type.Optional(
      Line(31, { description: 'Name of the sheet of an .xlsx; the first that is not hidden where left out' }),
    ),
    on: Type.Optional({ ...Day, description: 'Agencies: the day of the changes; today where left out' }),
    complete: Type.Optional(
      Type.Boolean({ description: 'Agencies: closes every agency that has no row; read closedAsMissing' }),
    ),
    base: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2 ** 31 - 1,
        description: 'The revision that the file was exported from; the latest where left out',
      }),
    ),
    draft: Type.Optional({ ...Uuid, description: 'Gives this draft new content; with If-Match' }),
  },
  { additionalProperties: false },
)

const Headers = Type.Object({
  'if-match': Type.Optional(
    Type.String({ pattern: '^"[1-9]\\d{0,8}"$', description: 'The version of the draft that was seen' }),
  ),
})

const Imported = Type.Object({
  draft: Nullable(DraftSummarySchema),
  diff: DiffSchema,
  closedAsMissing: Type.Integer({ description: 'Acts that close agencies only because they have no row' }),
})

export const importDraft: Operation = (app, context) => {
  // Files are taken by this operation alone.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(TYPES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post<{
      Querystring: Type.Static<typeof Query>
      Headers: Type.Static<typeof Headers>
      Body: Buffer
    }>(
      '/drafts/import',
      {
        bodyLimit: SHEET_LIMITS.fileBytes,
        validatorCompiler: (route) =>
          route.httpPart === 'body' ? (value: unknown) => ({ value }) : validatorCompiler(route),
        schema: {
          operationId: 'importDraft',
          summary: 'Make a draft of a CSV or XLSX file, or give one new content',
          description:
            'Columns are known by their names in either language, as the exports write them. Rules: the whole table, in the order of its rows. Agencies: rows and columns that are left out change nothing. Faults name the cell, such as B17, and nothing is written then. A file that says what is in force makes no draft.',
          tags: ['drafts'],
          querystring: Query,
          headers: Headers,
          body: { content: Object.fromEntries(TYPES.map((type) => [type, { schema: FILE }])) },
          response: {
            200: Streamed(Imported),
            201: Streamed(Imported),
            ...problemResponses(
              'sheet-invalid',
              'not-found',
              'revision-conflict',
              'delivery-state-conflict',
              'payload-too-large',
              'media-type-unsupported',
            ),
          },
        },
      },
      async ({ query, headers, body, caller }, reply) => {
        const { kind, format, sheet: name, title = `${TITLES[kind]} (${format})`, on, complete, base } = query
        const target = targetOf(query.draft, headers['if-match'])
        const sheet = await SHEET_FORMATS[format].read(body, name)
        const wishes = { kind, sheet, title, on, closeMissing: complete, base, draft: target }
        const { draft, diff, closedAsMissing } = await importSheet(
          draftDependencies(context, reply),
          caller,
          wishes,
        )
        if (draft !== null) reply.header('etag', entityTag(draft.version))
        const shown = draft && presentSummary(summaryOf(draft))
        return reply
          .status(draft === null || target !== undefined ? 200 : 201)
          .type(JSON_TYPE)
          .send(jsonStream({ draft: shown, diff, closedAsMissing }))
      },
    )
  })
}

const FILE = Type.String({ format: 'binary' })

const TITLES = { directory: 'Nhập danh bạ từ tệp', routing: 'Nhập bảng định tuyến từ tệp' } as const

/** @throws GatewayError `request-invalid` where a draft is named without the version that was seen */
function targetOf(id: string | undefined, tag: string | undefined) {
  if (id === undefined) return undefined
  if (tag !== undefined) return { id, version: Number(tag.slice(1, -1)) }
  const hint = {
    vi: 'Ghi vào bản nháp có sẵn cần If-Match với phiên bản đã đọc.',
    en: 'To write to a draft that is there, say by If-Match which version was seen.',
  }
  throw new GatewayError('request-invalid', {
    faults: [{ code: 'if-match-missing', severity: 'error', path: '#/headers/if-match', hint }],
  })
}
