import { type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { GatewayError } from '../../domain/problem.ts'

/** Query fields of every list. */
export const PAGE_QUERY = {
  cursor: Type.Optional(
    Type.String({
      maxLength: 2_000,
      description: 'nextCursor of the answer before, exactly as it was given',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, description: 'Items of one answer; 50 where left out' }),
  ),
}

export const DEFAULT_LIMIT = 50

/** Characters of JSON of one page: an answer is made whole in memory, and what stands in it others have written. */
const PAGE_CHARACTERS = 8 * 1024 * 1024

/** One page of a list; `nextCursor` is null at its end. */
export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) })

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

type Position = readonly (string | number)[]

/**
 * The page that `found` makes: one row more than `limit` was asked for, which only tells that there are more. A page of
 * very long items ends sooner, yet never before its first.
 * @param position where an item stands in its list
 */
export function toPage<T, R>(
  found: readonly T[],
  limit: number,
  position: (item: T) => Position,
  present: (item: T) => R,
): Page<R> {
  const items: R[] = []
  let characters = 0
  for (const row of found.slice(0, limit)) {
    const item = present(row)
    characters += JSON.stringify(item).length
    if (items.length > 0 && characters > PAGE_CHARACTERS) break
    items.push(item)
  }
  const last = found[items.length - 1]
  const more = found.length > items.length && last !== undefined
  return { items, nextCursor: more ? encodeCursor(position(last)) : null }
}

export const encodeCursor = (position: Position): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

/**
 * Reads a cursor whose parts have the given form.
 * @throws GatewayError `cursor-invalid`
 */
export function readCursor<T>(cursor: string | undefined, form: CursorForm<T>): T | undefined {
  if (cursor === undefined) return undefined
  const position = parse(cursor)
  if (!form.accepts(position)) throw new GatewayError('cursor-invalid')
  return position
}

export interface CursorForm<T> {
  accepts(position: unknown): position is T
}

/** Instants with microseconds, as PostgreSQL keeps them: a cursor must not fall between two rows of one millisecond. */
const INSTANT =
  '^(19|20|21)\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3])(:[0-5]\\d){2}\\.\\d{6}Z$'
const key = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\u0000\\ud800-\\udfff]+$' })
const uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })

const form = <T extends readonly unknown[]>(schema: TSchema): CursorForm<T> => {
  const validator = Compile(schema)
  return { accepts: (position): position is T => validator.Check(position) }
}

/** The cursor of a list in the order of a text key. */
export const BY_KEY = form<[key: string]>(Type.Tuple([key]))
/** The cursor of a document's deliveries. */
export const BY_RECIPIENT = form<[recipient: string, delivery: string]>(Type.Tuple([key, uuid]))
/** The cursor of a list in the order of a running number. */
export const BY_NUMBER = form<[number: number]>(
  Type.Tuple([Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })]),
)
/** The cursor of a list in the order of UUIDs, which for those of version 7 is the order of time. */
export const BY_UUID = form<[id: string]>(Type.Tuple([uuid]))
/** The cursor of a list in the order of time, then of a UUID. */
export const BY_TIME = form<[at: string, id: string]>(
  Type.Tuple([Type.String({ pattern: INSTANT, format: 'date-time' }), uuid]),
)

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
