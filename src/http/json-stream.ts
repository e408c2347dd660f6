import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { type TSchema, Type } from 'typebox'

/** Characters of one piece: a millisecond or two of work. */
const PIECE = 65_536

/**
 * A large answer as JSON, written piece by piece: whole, it would hold up the process. Items of lists are written one by
 * one, wherever in objects the lists stand.
 */
export const jsonStream = (value: object): Readable => Readable.from(pieces(value), { objectMode: false })

async function* pieces(value: object): AsyncGenerator<string> {
  let piece = ''
  for (const part of partsOf(value)) {
    piece += part
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  if (piece !== '') yield piece
}

function* partsOf(value: unknown): Generator<string> {
  if (Array.isArray(value)) yield* itemsOf(value)
  else if (isRecord(value)) yield* membersOf(value)
  else yield jsonOf(value)
}

function* itemsOf(list: readonly unknown[]): Generator<string> {
  yield '['
  for (const [index, item] of list.entries()) yield `${index === 0 ? '' : ','}${jsonOf(item)}`
  yield ']'
}

function* membersOf(record: Readonly<Record<string, unknown>>): Generator<string> {
  let separator = '{'
  for (const [name, member] of Object.entries(record)) {
    if (member === undefined) continue
    yield `${separator}${JSON.stringify(name)}:`
    yield* partsOf(member)
    separator = ','
  }
  yield separator === '{' ? '{}' : '}'
}

const jsonOf = (value: unknown): string => JSON.stringify(value) ?? 'null'

/** What says itself how it is written, such as a time, is no record. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !('toJSON' in value)

/** The schema of an answer that is written by `jsonStream`: what it holds is described, and what is sent is a stream. */
export const Streamed = <S extends TSchema>(schema: S) => Type.Unsafe<Readable>(schema)

/** As the framework says it of answers that it writes itself. */
export const JSON_TYPE = 'application/json; charset=utf-8'
