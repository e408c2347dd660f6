import { AxisFault } from './axis-fault.ts'
import { readBeside } from './beside-packet.ts'
import type { FetchedEdoc, TakeContent } from './client-types.ts'
import { EdocScanner } from './edoc-scanner.ts'
import { type Answer, OwnError } from './exchange.ts'
import { readResult } from './read-answers.ts'
import { type Fields, wholeTextOf } from './read-fields.ts'
import { tellErrors } from './tell-errors.ts'

/**
 * Reads getEdoc's answer and hands the packet on as it comes. What the answer says stands perhaps behind the packet:
 * then its content ends with an error.
 * @throws AxisFault, OwnError with whatever `take` throws
 */
export async function readEdoc<T>(
  { httpStatus, body }: Answer,
  maxBytes: number,
  take: TakeContent<T>,
): Promise<FetchedEdoc<T>> {
  const scanner = new EdocScanner(maxBytes)
  let fields: Fields | undefined
  async function* content(): AsyncGenerator<Uint8Array> {
    for await (const piece of body) yield* scanner.feed(piece)
    fields = readResult(scanner.end(), httpStatus)
    if (scanner.decodedLength === 0) throw new AxisFault('answer-invalid', 'no data')
  }
  const taken = await handOn(content(), take)
  if (fields === undefined) throw new AxisFault('answer-invalid', 'the packet was not read to its end')
  return { taken, beside: besideOf(fields) }
}

function besideOf(fields: Fields) {
  const [seal, hops] = [wholeTextOf(fields, 'tramSeal'), wholeTextOf(fields, 'tramHops')]
  const beside = readBeside({ ...(seal !== '' && { seal }), ...(hops !== '' && { hops }) })
  if (beside === undefined) throw new AxisFault('answer-invalid', 'tramSeal or tramHops cannot be read')
  return beside
}

/**
 * Begins with a first piece: an answer that has none is told without troubling whoever takes it.
 * @throws what the content throws; OwnError with what `take` throws by itself
 */
export async function handOn<T>(content: AsyncGenerator<Uint8Array>, take: TakeContent<T>): Promise<T> {
  let fault: unknown
  const first = await content.next()
  async function* all(): AsyncGenerator<Uint8Array> {
    if (first.done !== true) yield first.value
    for await (const piece of content) yield piece
  }
  try {
    return await take(
      tellErrors(all(), (error) => {
        fault = error
      }),
    )
  } catch (error) {
    throw fault ?? new OwnError('the content of the answer cannot be taken', { cause: error })
  }
}
