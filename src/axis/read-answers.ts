import { setImmediate } from 'node:timers/promises'
import type { ListedAgency, ListedAgencyQd20, ReceivedEdoc, SentEdoc, SynchronizedUnit } from './answers.ts'
import { AxisFault, isSuccess } from './axis-fault.ts'
import type { RemoteList } from './client-types.ts'
import { countOf, type Fields, fieldsOf, flagOf, idOf, textOf } from './read-fields.ts'

const MOST_FAULTS = 100
const SUCCESS = new Set(['ok', 'success'])
const FAILURE = new Set(['fail', 'failed', 'error'])

/**
 * The fields of an answer that says that all went well. What is missing is forgiven where the rest is clear; what
 * contradicts itself is not.
 * @throws AxisFault `refused`, `answer-invalid`, `http`
 */
export function readResult(answer: unknown, httpStatus: number): Fields {
  const fields = fieldsOf(answer)
  const status = textOf(fields, 'status').toLowerCase()
  const code = textOf(fields, 'ErrorCode')
  const verdict = judge(status, code, Array.isArray(fields.get('data')))
  if (verdict === 'refused')
    throw new AxisFault('refused', textOf(fields, 'ErrorDesc') || 'no ErrorDesc', code)
  if (verdict === 'ok' && isSuccess(httpStatus)) return fields
  const kind = isSuccess(httpStatus) ? 'answer-invalid' : 'http'
  throw new AxisFault(kind, `HTTP ${httpStatus} with status "${status}", ErrorCode "${code}"`)
}

function judge(status: string, code: string, hasList: boolean): 'ok' | 'refused' | 'unclear' {
  const isError = code !== '' && code !== '0'
  if (SUCCESS.has(status)) return isError ? 'unclear' : 'ok'
  if (FAILURE.has(status)) return 'refused'
  if (status !== '') return 'unclear'
  if (isError) return 'refused'
  return code === '0' || hasList ? 'ok' : 'unclear'
}

type ReadItem<Item> = (fields: Fields) => Item

/** Items after which others have their turn. */
const PIECE = 500

/** Each item once; those that cannot be read are told apart from the others, which count all the same. */
function* readingList<Item>(
  fields: Fields,
  read: ReadItem<Item>,
  nameOf: (item: Item) => string,
): Generator<undefined, RemoteList<Item>> {
  const data = fields.get('data') || []
  // Converters from XML write a list of one as the item alone.
  if (typeof data !== 'object') throw new AxisFault('answer-invalid', 'data is no list')
  const items = new Map<string, Item>()
  const faults: string[] = []
  let seen = 0
  for (const value of Array.isArray(data) ? data : [data]) {
    seen += 1
    if (seen % PIECE === 0) yield
    try {
      const item = read(fieldsOf(value))
      if (!items.has(nameOf(item))) items.set(nameOf(item), item)
    } catch (error) {
      if (!(error instanceof AxisFault)) throw error
      if (faults.length < MOST_FAULTS) faults.push(error.message)
    }
  }
  return { items: [...items.values()], faults }
}

function readList<Item>(...list: Parameters<typeof readingList<Item>>): RemoteList<Item> {
  const reading = readingList(...list)
  for (;;) {
    const step = reading.next()
    if (step.done) return step.value
  }
}

/** As `readList`, with others having their turns meanwhile: a whole country is on lists of the directory. */
async function readLongList<Item>(...list: Parameters<typeof readingList<Item>>): Promise<RemoteList<Item>> {
  const reading = readingList(...list)
  for (;;) {
    const step = reading.next()
    if (step.done) return step.value
    await setImmediate()
  }
}

const wholeItem = (item: object): string => JSON.stringify(item)

const texts = <Name extends string>(fields: Fields, names: readonly Name[]): Record<Name, string> => {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) found[name] = textOf(fields, name)
  return found as Record<Name, string>
}

export const readAgencies = (fields: Fields): Promise<RemoteList<ListedAgency>> =>
  readLongList(
    fields,
    (item) => {
      const oldCode = textOf(item, 'oldCode')
      return {
        ...texts(item, ['id', 'pid', 'name', 'mail']),
        code: idOf(item, 'code'),
        ...(oldCode !== '' && { oldCode }),
      }
    },
    wholeItem,
  )

export const readAgenciesQd20 = (fields: Fields): Promise<RemoteList<ListedAgencyQd20>> =>
  readLongList(
    fields,
    (item) => ({ ...texts(item, ['id', 'name', 'mail', 'code102']), code: idOf(item, 'code') }),
    wholeItem,
  )

export const readUnits = (fields: Fields): Promise<RemoteList<SynchronizedUnit>> =>
  readLongList(
    fields,
    (item) => ({
      ...texts(item, ['id', 'pid', 'name', 'mail', 'centerCode', 'modifyDate']),
      code: idOf(item, 'code'),
      version: countOf(item, 'version'),
      deleted: flagOf(item, 'deleted', false),
      isAgency: flagOf(item, 'isAgency', true),
    }),
    wholeItem,
  )

export const readReceived = (fields: Fields): RemoteList<ReceivedEdoc> =>
  readList(
    fields,
    (item) => ({
      ...texts(item, ['serviceType', 'messageType', 'created_time', 'updated_time']),
      ...texts(item, ['from', 'to', 'status', 'status_desc']),
      docId: idOf(item, 'docId'),
    }),
    ({ docId }) => docId,
  )

export const readSent = (fields: Fields): RemoteList<SentEdoc> =>
  readList(
    fields,
    (item) => ({
      ...texts(item, [
        'serviceType',
        'messageType',
        'receiverDocId',
        'fromCode',
        'toCode',
        'title',
        'notation',
      ]),
      ...texts(item, ['sendStatus', 'sendStatusDesc', 'receiveStatus', 'receiveStatusDesc']),
      ...texts(item, ['sentTime', 'receivedTime']),
      senderDocId: idOf(item, 'senderDocId'),
    }),
    wholeItem,
  )

/** @throws AxisFault `answer-invalid` where there is none: that is not 0 */
export function readCount(fields: Fields): number {
  if (!fields.has('count')) throw new AxisFault('answer-invalid', 'no count')
  return countOf(fields, 'count')
}
