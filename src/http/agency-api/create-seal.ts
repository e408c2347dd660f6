import { type Static, Type } from 'typebox'
import { GatewayError } from '../../domain/problem.ts'
import type { UploadPart } from '../../intake/receive-upload.ts'
import { type Showing, sealDocument } from '../../sealing/seal-document.ts'
import { Line } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { formParts } from './form-parts.ts'
import { malformed } from './malformed.ts'
import { type Operation, TAGS } from './operation.ts'
import { jsonReader, parseJson, streamedBody } from './read-body.ts'
import { attachmentDisposition, bytesResponse } from './send-content.ts'
import { describeBodyOnly, mediaTypeOf } from './submission.ts'

/** Bytes of a PDF that is sealed: it stands in memory while it is. */
const MOST_BYTES = 64 * 1024 * 1024
const MOST_OPTION_BYTES = 16 * 1024

const strict = { additionalProperties: false } as const
const Position = Type.Object(
  {
    page: Type.Integer({ minimum: 1, maximum: 100_000 }),
    xMm: Type.Number({ minimum: 0, maximum: 5_000, description: 'Centre of the seal, from the left' }),
    yMm: Type.Number({ minimum: 0, maximum: 5_000, description: 'Centre of the seal, from the top' }),
  },
  strict,
)

/** Nghị định 30/2020/NĐ-CP, appendix I. */
const ShowingSchema = Type.Union([
  Type.Object(
    { kind: Type.Literal('seal'), position: Type.Optional(Position) },
    {
      ...strict,
      description:
        "The image of the seal over a third of the person's signature, which must show on a page; or at a position",
    },
  ),
  Type.Object(
    { kind: Type.Literal('annex'), notation: Line(100, { description: 'Of the main document' }) },
    {
      ...strict,
      description: 'An annex in a file of its own: number and notation, and time, in the upper right corner',
    },
  ),
  Type.Object(
    { kind: Type.Literal('copy'), form: Type.Enum(['SAO Y', 'SAO LỤC', 'TRÍCH SAO']), agency: Line(200) },
    { ...strict, description: 'A copy: its form, the agency and the time, in the upper right corner' },
  ),
  Type.Object({ kind: Type.Literal('invisible') }, strict),
])

const Options = Type.Object(
  {
    showing: Type.Optional(ShowingSchema),
    level: Type.Optional(
      Type.Enum(['B-T', 'B-B'], {
        description: 'PAdES baseline level; B-T, with a timestamp, where left out',
      }),
    ),
  },
  strict,
)

const readOptions = jsonReader(Options, 'options')

export const createSeal: Operation = (app, { context, admit }) => {
  app.post(
    '/seals',
    {
      validatorCompiler: describeBodyOnly,
      schema: {
        operationId: 'createSeal',
        tags: [TAGS.seals],
        summary: 'Set the seal of the own agency, whose key lies with the gateway, on an outgoing PDF',
        description:
          'Đóng dấu (ký số cơ quan) lên PDF. The answer is the PDF with one more signature (PAdES), by an incremental ' +
          'update: earlier signatures go on counting. Nothing of the document is kept but digests, for the record.',
        body: {
          content: {
            'multipart/form-data': {
              schema: Type.Object({
                file: Type.String({ format: 'binary', description: `PDF of at most ${MOST_BYTES} bytes` }),
                options: Type.Optional(Options),
              }),
            },
          },
        },
        response: {
          200: bytesResponse('application/pdf', 'The sealed PDF; `seal-level` tells the level reached'),
          ...problemResponses(
            'agency-key-missing',
            'pdf-unsealable',
            'payload-too-large',
            'media-type-unsupported',
            'seal-key-unavailable',
            'timestamping-unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      if (mediaTypeOf(request) !== 'multipart/form-data') throw new GatewayError('media-type-unsupported')
      const { clientId, agency } = request.caller
      if (agency === null) throw new GatewayError('scope-insufficient')
      return admit(request, async () => {
        const parts = formParts(streamedBody(request), request.headers['content-type'] ?? '')
        const { pdf, fileName, options } = await readForm(parts)
        const showing: Showing = options.showing ?? { kind: 'seal' }
        const level = options.level ?? 'B-T'
        const sealed = await sealDocument(context.sealing, { agency, actor: clientId, pdf, showing, level })
        return reply
          .type('application/pdf')
          .header('content-disposition', attachmentDisposition(fileName))
          .header('x-content-type-options', 'nosniff')
          .header('cache-control', 'private, no-store')
          .header('seal-level', level)
          .header('seal-certificate-sha256', sealed.certificateSha256)
          .send(Buffer.from(sealed.pdf))
      })
    },
  )
}

interface SealForm {
  readonly pdf: Uint8Array
  readonly fileName: string
  readonly options: Static<typeof Options>
}

/** @throws GatewayError `request-malformed` where a part is missing, unknown or repeated */
async function readForm(parts: AsyncIterable<UploadPart>): Promise<SealForm> {
  const found = new Map<string, { bytes: Buffer; fileName: string | undefined }>()
  for await (const { name = '', fileName, content } of parts) {
    if (found.has(name) || (name !== 'file' && name !== 'options'))
      throw malformed(`Phần ${name}: thừa hoặc lặp lại.`, `The part ${name} is unknown or stands twice.`)
    const bytes = await collect(content, name === 'file' ? MOST_BYTES : MOST_OPTION_BYTES)
    found.set(name, { bytes, fileName })
  }
  const [file, options] = [found.get('file'), found.get('options')]
  if (file === undefined) throw malformed('Thiếu phần file.', 'The part file is missing.')
  return {
    pdf: file.bytes,
    fileName: file.fileName ?? 'sealed.pdf',
    options: options === undefined ? {} : readOptions(parseJson(options.bytes.toString('utf8'), 'options')),
  }
}

async function collect(content: AsyncIterable<Uint8Array>, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > most)
      throw new GatewayError('payload-too-large', {
        detail: { vi: `Giới hạn: ${most} byte.`, en: `The limit: ${most} bytes.` },
      })
    chunks.push(Uint8Array.from(chunk))
  }
  return Buffer.concat(chunks)
}
