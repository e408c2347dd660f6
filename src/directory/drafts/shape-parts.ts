import { type TProperties, type TSchema, Type } from 'typebox'

/** What the fields of acts and rules are made of. Whether they fit the directory is another question. */

export const strict = <P extends TProperties>(properties: P, options: { description?: string } = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema)

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** One line of text for people: without control characters, not blank at its ends. */
export const line = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\p{Cc}\\s]([^\\p{Cc}]*[^\\p{Cc}\\s])?$' })

export const code = Type.String({ minLength: 1, maxLength: 35, pattern: '^[0-9A-Za-z][0-9A-Za-z._-]*$' })

export const tier = Type.String({ pattern: '^[a-z][a-z-]{0,30}$' })

/** `yyyy-MM-dd`, Vietnam; of years that a directory can mean. */
export const day = Type.String({ format: 'date', pattern: '^(19|20|21)\\d\\d-' })

export const alias = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\s\\p{C}]+$' })

export const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** The name of a kind of document (NĐ 30/2020 art. 7). */
export const documentType = line(200)

export const url = Type.String({ minLength: 1, maxLength: 2_000 })
