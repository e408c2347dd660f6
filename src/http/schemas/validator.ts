import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'

type Finding = FastifySchemaValidationError & { readonly message: string }

/**
 * Checks what a caller sends against its schema, strictly: nothing is dropped, filled in or bent into shape. Only what
 * stands in a URL is text by nature and becomes the whole number or flag that its schema asks for.
 */
export const strictValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema)
  const isInUrl = httpPart === 'querystring' || httpPart === 'params'
  return (given: unknown) => {
    const value = isInUrl ? fromUrl(schema, given) : given
    const forbidden = httpPart === 'headers' ? [] : forbiddenCharacters(value, '')
    if (forbidden.length > 0) return { error: forbidden }
    return validator.Check(value) ? { value } : { error: named(validator.Errors(value)) }
  }
}

/** Whole numbers and flags of a query, where their text is one; anything else stays as it is and is refused. */
function fromUrl(schema: TSchema, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('properties' in schema)) return given
  const properties = schema.properties as Record<string, { readonly type?: string }>
  return Object.fromEntries(
    Object.entries(given).map(([name, text]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
      if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return [name, Number(text)]
      if (type === 'boolean' && (text === 'true' || text === 'false')) return [name, text === 'true']
      return [name, text]
    }),
  )
}

/** NUL and halves of surrogate pairs are no text: the database can hold neither. */
const FORBIDDEN = /[\0\p{Surrogate}]/u

function forbiddenCharacters(value: unknown, path: string): Finding[] {
  if (typeof value === 'string') return FORBIDDEN.test(value) ? [notText(path)] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => [
    ...(FORBIDDEN.test(name) ? [notText(path)] : []),
    ...forbiddenCharacters(part, `${path}/${name}`),
  ])
}

const notText = (instancePath: string): Finding => ({
  keyword: 'character',
  instancePath,
  schemaPath: '#',
  params: {},
  message: 'must be text without NUL and without halves of surrogate pairs',
})

/** Findings that name the field which is too many or missing, each by its own path. */
function named(errors: readonly TLocalizedValidationError[]): Finding[] {
  return errors
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .flatMap((error): Finding[] => {
      const finding = { ...error, params: { ...error.params } as Record<string, unknown> }
      if (finding.keyword === 'boolean' && finding.schemaPath.endsWith('/additionalProperties'))
        return [{ ...finding, keyword: 'unknown', message: 'must not be given: there is no such field' }]
      if (error.keyword !== 'required') return [finding]
      return error.params.requiredProperties.map((name) => ({
        ...finding,
        instancePath: `${finding.instancePath}/${name}`,
        message: 'must be given',
      }))
    })
}
