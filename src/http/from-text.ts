import type { TSchema } from 'typebox'

type FromText = (text: string) => unknown

/** How the text of a path, a query or a header is read where its schema asks for more than text; undefined: it is not. */
const READERS: Record<string, FromText | undefined> = {
  integer: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined),
  number: (text) => (/^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : undefined),
  boolean: (text) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
}

/**
 * The fields of a path, a query or headers as their schemas ask for: numbers and booleans are read from their plain
 * spelling, one value makes a list where a list is asked for. What cannot be read stays text, and fails the check.
 */
export function fromText(schema: TSchema, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('properties' in schema)) return value
  const { properties } = schema as { properties: Record<string, TSchema | undefined> }
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      Object.hasOwn(properties, name) ? fieldFromText(properties[name] ?? {}, part) : part,
    ]),
  )
}

function fieldFromText(schema: TSchema, value: unknown): unknown {
  const { type, items } = schema as { type?: string; items?: TSchema }
  if (type === 'array') return [value].flat().map((part) => fieldFromText(items ?? {}, part))
  if (typeof value !== 'string') return value
  return READERS[type ?? '']?.(value) ?? value
}
