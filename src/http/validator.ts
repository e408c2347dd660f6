import type { FastifySchemaCompiler } from 'fastify'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { fromText } from './from-text.ts'

/** Faults beyond these are not told: a caller with more of them has the wrong schema. */
const MOST_FAULTS = 100

/**
 * Checks every part of a request and tells all that is wrong. Bodies are taken as they are; path, query and headers,
 * which are all text, are read as what their schema asks for.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema)
  return (given: unknown) => {
    const value = httpPart === 'body' ? given : fromText(schema, given)
    if (validator.Check(value)) return { value }
    return { error: validator.Errors(value).flatMap(named).slice(0, MOST_FAULTS) }
  }
}

/** A fault in an object as one fault in each of the fields that it is about, as a pointer that leads to the field. */
function named(error: FastifySchemaValidationError): FastifySchemaValidationError[] {
  const { keyword, instancePath, params } = error
  const fields = FIELD_FAULTS[keyword]
  if (fields === undefined) return keyword === 'boolean' ? [] : [error]
  const names = params[fields.param]
  if (!Array.isArray(names)) return [error]
  return names.map((name) => ({ ...error, instancePath: `${instancePath}/${name}`, message: fields.message }))
}

const FIELD_FAULTS: Record<string, { readonly param: string; readonly message: string } | undefined> = {
  required: { param: 'requiredProperties', message: 'must be given' },
  additionalProperties: { param: 'additionalProperties', message: 'is not a field of this request' },
}
