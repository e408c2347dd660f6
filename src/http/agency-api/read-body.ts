import type { FastifyRequest, FastifySchemaValidationError } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { toGatewayError } from '../problem.ts'
import { validatorCompiler } from '../validator.ts'
import { malformed } from './malformed.ts'

/** Reads what came as JSON beside a body that the framework checks. @throws GatewayError `request-invalid` */
export function jsonReader<S extends TSchema>(schema: S, where: string): (value: unknown) => Static<S> {
  const check = validatorCompiler({ schema, method: 'POST', url: '', httpPart: 'body' })
  return (value) => {
    const result: unknown = check(value)
    const faults = faultsOf(result)
    if (faults !== undefined) throw toGatewayError(invalid(faults, where))
    return value as Static<S>
  }
}

function faultsOf(result: unknown): FastifySchemaValidationError[] | undefined {
  if (typeof result !== 'object' || result === null || !('error' in result)) return undefined
  return result.error as FastifySchemaValidationError[] | undefined
}

const invalid = (validation: FastifySchemaValidationError[], validationContext: string): Error =>
  Object.assign(new Error('the value does not fit the schema'), { validation, validationContext })

/** @param part of the form, as the caller named it. @throws GatewayError `request-malformed` */
export function parseJson(text: string, part: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw malformed(`Phần ${part} không phải JSON.`, `The part ${part} is not JSON: ${String(cause)}`, cause)
  }
}

/**
 * The body of a request as it comes.
 * @throws GatewayError (while it is read) `request-malformed` where the caller goes away in the middle
 */
export async function* streamedBody({ raw }: FastifyRequest): AsyncGenerator<Uint8Array> {
  try {
    yield* raw as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw malformed('Kết nối đứt giữa chừng.', 'The connection ended before the body did.', cause)
  }
}
