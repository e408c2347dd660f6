import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Settings } from 'typebox/system'
import { MOST_FINDINGS } from '../domain/schema-fault.ts'
import { fromText } from './from-text.ts'

// By itself it stops at eight.
Settings.Set({ maxErrors: MOST_FINDINGS })

/**
 * Checks every part of a request and tells all that is wrong. Bodies are taken as they are; path, query and headers,
 * which are all text, are read as what their schema asks for. What checks is compiled with the first request of its kind.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  let validator: ReturnType<typeof Compile> | undefined
  return (given: unknown) => {
    validator ??= Compile(schema)
    const value = httpPart === 'body' ? given : fromText(schema, given)
    if (validator.Check(value)) return { value }
    return { error: validator.Errors(value) }
  }
}
