import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifySchemaCompiler } from 'fastify'
import type { FastifySchemaValidationError } from 'fastify/types/schema.js'
import type { TSchema } from 'typebox'

/** Faults beyond these are not told: a caller with more of them has the wrong schema. */
const MOST_FAULTS = 100

type Validate = (value: unknown) => { value?: unknown; error?: FastifySchemaValidationError[] }

/**
 * Checks every part of a request and tells all that is wrong. Bodies are taken as they are; path, query and headers,
 * which are all text, are converted to what their schema asks for.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = (route) => {
  const validate = TypeBoxValidatorCompiler(route) as Validate
  return (value: unknown) => {
    const result = validate(value)
    const faults = [...(result.error ?? []).flatMap(named), ...unstorable(value, '')]
    return faults.length === 0 ? result : { error: faults.slice(0, MOST_FAULTS) }
  }
}

/** NUL and lone surrogates: neither PostgreSQL's text nor its jsonb holds them. */
const UNSTORABLE = /[\0\p{Surrogate}]/u

function unstorable(value: unknown, path: string): FastifySchemaValidationError[] {
  if (typeof value === 'string') return UNSTORABLE.test(value) ? [unstorableText(path)] : []
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return []
  return Object.entries(value).flatMap(([name, part]) => [
    ...(UNSTORABLE.test(name) ? [unstorableText(path)] : []),
    ...unstorable(part, `${path}/${name}`),
  ])
}

const unstorableText = (instancePath: string): FastifySchemaValidationError => ({
  keyword: 'text',
  instancePath,
  schemaPath: '',
  params: {},
  message: 'must hold no NUL and no lone surrogate',
})

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
