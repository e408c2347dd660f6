import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { failedAnswer } from '../../axis/answers.ts'
import { axisErrorCode } from '../../axis/error-codes.ts'
import type { AxisOperation } from '../../axis/operations.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { Fault } from '../../domain/fault.ts'
import type { GatewayError } from '../../domain/problem.ts'
import { wordsOf } from './words.ts'

/** The body of an answer: text of JSON, the same as bytes, or bytes as they come. */
export type AxisReply =
  | { readonly json: string | Uint8Array }
  | {
      readonly mediaType: string
      /** Bytes, where that is known. */
      readonly length?: number
      readonly open: () => AsyncIterable<Uint8Array | string>
    }

const JSON_TYPE = 'application/json; charset=utf-8'

/**
 * Sends an answer with HTTP 200, whatever it says: clients of the axis read the body alone, and take pages of other
 * kinds for empty lists.
 */
export function sendAnswer(reply: FastifyReply, answer: AxisReply): FastifyReply {
  reply.code(200).header('cache-control', 'no-store')
  if ('json' in answer) return reply.header('content-type', JSON_TYPE).send(answer.json)
  reply.header('content-type', answer.mediaType)
  if (answer.length !== undefined) reply.header('content-length', answer.length)
  return reply.send(Readable.from(answer.open(), { objectMode: false }))
}

/**
 * An error as the JSON that clients understand, in the words of the problem document. Where it is not known what was
 * asked for, as sendEdoc's: its `DocId` is the one field without which a client would lose the code.
 */
export const failure = (operation: AxisOperation | undefined, error: GatewayError): string =>
  failedAnswer(operation ?? 'sendEdoc', axisErrorCode(error), textOf(error))

const MOST_FAULTS = 5

function textOf({ code, detail, faults }: GatewayError): Bilingual {
  const { title, advice } = wordsOf(code)
  const told = faults.slice(0, MOST_FAULTS)
  const text = (language: keyof Bilingual) =>
    [
      `${title[language]}.`,
      detail?.[language],
      ...told.map((fault) => faultText(fault, language)),
      faults.length > told.length ? `… (+${faults.length - told.length})` : undefined,
      advice[language],
      `[${code}]`,
    ]
      .filter((part) => part !== undefined)
      .join(' ')
  return { vi: text('vi'), en: text('en') }
}

const faultText = ({ path, found, hint }: Fault, language: keyof Bilingual): string =>
  `${path ?? ''}${found === undefined ? '' : ` (${found})`}: ${hint[language]}`
