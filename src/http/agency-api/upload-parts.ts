import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { GatewayError } from '../../domain/problem.ts'
import type { UploadPart } from '../../intake/receive-upload.ts'
import { malformed } from './read-body.ts'

/**
 * The parts of a form as they come.
 * @throws GatewayError (while they are read) `request-malformed`, `payload-too-large`
 */
export async function* uploadParts(request: FastifyRequest): AsyncGenerator<UploadPart> {
  try {
    for await (const part of request.parts()) yield toUploadPart(part as MultipartFile)
  } catch (error) {
    throw formError(error)
  }
}

const toUploadPart = ({ fieldname, filename, mimetype, file }: MultipartFile): UploadPart => ({
  name: fieldname,
  fileName: filename,
  contentType: mimetype,
  content: contentOf(file),
})

async function* contentOf(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* file
  } catch (error) {
    throw formError(error)
  }
}

function formError(error: unknown): unknown {
  if (error instanceof GatewayError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'FST_PARTS_LIMIT') return new GatewayError('payload-too-large', { cause: error })
  return malformed(
    'Nội dung multipart không đúng RFC 7578.',
    `The form is not well-formed (RFC 7578): ${error instanceof Error ? error.message : String(error)}.`,
    error,
  )
}
