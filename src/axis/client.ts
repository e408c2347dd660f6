import type { Connector } from '../domain/axis/connector.ts'
import { asciiJson } from './ascii-json.ts'
import { oneLine } from './axis-fault.ts'
import { writeBeside } from './beside-packet.ts'
import type { AxisClient, AxisClientOptions, Outcome, OutgoingEdoc } from './client-types.ts'
import { type Asked, openExchange, type RequestBody } from './exchange.ts'
import { AXIS_OPERATIONS, type AxisOperation } from './operations.ts'
import {
  readAgencies,
  readAgenciesQd20,
  readCount,
  readReceived,
  readResult,
  readSent,
  readUnits,
} from './read-answers.ts'
import { readEdoc } from './read-edoc.ts'
import { type Fields, textOf } from './read-fields.ts'
import { readFile } from './read-file.ts'
import { readJson } from './read-json.ts'
import { fitsHeader } from './sign-headers.ts'
import { WIRE_STYLES } from './wire-style.ts'

const LIST_BYTES = 64 * 1024 * 1024
const RESULT_BYTES = 1024 * 1024
/** The vendor's client tells where it keeps files, which is nobody's business. */
const FILE_PATH = 'edoc'
const SERVICE = 'eDoc'

/** A client of another exchange. Redirects are not followed; answers and waiting have an end. To be closed. */
export function axisClient(connector: Connector, options: AxisClientOptions): AxisClient {
  const exchange = openExchange(connector, options.now ?? (() => new Date()))
  const { headerText } = WIRE_STYLES[connector.channel]
  const { maxPacketBytes } = options
  const ask = <T>({ read, maxBytes = RESULT_BYTES, ...asked }: AskedFor<T>): Promise<Outcome<T>> =>
    exchange.ask({ body: bodyOf(asked.operation), ...asked }, async ({ httpStatus, body }) =>
      read(readResult(await readJson(body, maxBytes), httpStatus)),
    )
  return {
    ...directoryOperations(ask),
    ...listOperations(ask),
    sendEdoc: (edoc, signal) =>
      ask({
        operation: 'sendEdoc',
        fields: fieldsToSend(connector, edoc),
        body: bodyToSend(connector, edoc),
        read: numberThere,
        signal,
      }),
    getEdoc: (docId, take, signal) =>
      exchange.ask({ ...fetching('getEdoc', docId), signal }, (answer) =>
        readEdoc(answer, maxPacketBytes, take),
      ),
    updateStatus: (docId, status, description, signal) =>
      ask({
        operation: 'updateStatus',
        fields: { docId, status, ...(description && { description: headerText(oneLine(description)) }) },
        read: nothing,
        signal,
      }),
    downloadEdoc: (docId, take, signal) =>
      exchange.ask({ ...fetching('downloadEdoc', docId), signal }, (answer) =>
        readFile(answer, maxPacketBytes, take),
      ),
    close: () => exchange.close(),
  }
}

interface AskedFor<T> {
  readonly operation: AxisOperation
  readonly fields: Asked['fields']
  readonly body?: RequestBody
  readonly read: (fields: Fields) => T | Promise<T>
  readonly maxBytes?: number
  readonly signal: AbortSignal | undefined
}

type Ask = <T>(asked: AskedFor<T>) => Promise<Outcome<T>>

const nothing = (): undefined => undefined

/** The number that the other side gave a packet; empty where it could never be asked for. */
function numberThere(fields: Fields): string {
  const docId = textOf(fields, 'DocId')
  return fitsHeader(docId) ? docId : ''
}

const directoryOperations = (ask: Ask) =>
  ({
    getAgenciesList: (signal) =>
      ask({
        operation: 'getAgenciesList',
        fields: {},
        read: readAgencies,
        maxBytes: LIST_BYTES,
        signal,
      }),
    getAgenciesListQD20: (level, signal) =>
      ask({
        operation: 'getAgenciesListQD20',
        fields: { level },
        read: readAgenciesQd20,
        maxBytes: LIST_BYTES,
        signal,
      }),
    getSynchronizeUnit: (signal) =>
      ask({
        operation: 'getSynchronizeUnit',
        fields: {},
        read: readUnits,
        maxBytes: LIST_BYTES,
        signal,
      }),
    registerAgency: (agency, signal) =>
      ask({
        operation: 'registerAgency',
        fields: {},
        body: textBody(JSON.stringify(agency)),
        read: nothing,
        signal,
      }),
    deleteAgency: (code, signal) =>
      ask({ operation: 'deleteAgency', fields: { AgencyCode: code }, read: nothing, signal }),
  }) satisfies Partial<AxisClient>

const listOperations = (ask: Ask) =>
  ({
    getReceivedEdocList: ({ messageType, ...days }, signal) =>
      ask({
        operation: 'getReceivedEdocList',
        fields: { servicetype: SERVICE, messagetype: messageType, ...days },
        read: readReceived,
        maxBytes: LIST_BYTES,
        signal,
      }),
    getSentEdocList: ({ messageType, ...one }, signal) =>
      ask({
        operation: 'getSentEdocList',
        fields: { servicetype: SERVICE, messagetype: messageType, ...one },
        read: readSent,
        maxBytes: LIST_BYTES,
        signal,
      }),
    countReceiveEdoc: (signal) =>
      ask({
        operation: 'countReceiveEdoc',
        fields: { servicetype: SERVICE },
        read: readCount,
        signal,
      }),
    countReceiveStatus: (signal) =>
      ask({ operation: 'countReceiveStatus', fields: {}, read: readCount, signal }),
  }) satisfies Partial<AxisClient>

const fetching = (operation: 'getEdoc' | 'downloadEdoc', docId: string) => {
  const body = bodyOf(operation)
  return { operation, fields: { docId, filePath: FILE_PATH }, ...(body && { body }) }
}

const bodyOf = (operation: AxisOperation): RequestBody | undefined =>
  AXIS_OPERATIONS[operation].body === 'empty-object' ? textBody('{}') : undefined

function textBody(text: string): RequestBody {
  const bytes = Buffer.from(text, 'utf8')
  return {
    length: bytes.length,
    content: async function* () {
      yield bytes
    },
  }
}

function fieldsToSend({ channel }: Connector, edoc: OutgoingEdoc): Asked['fields'] {
  const { hashFile, tellsBeside } = WIRE_STYLES[channel]
  const { seal, hops } = tellsBeside && edoc.beside ? writeBeside(edoc.beside) : {}
  return {
    servicetype: SERVICE,
    messagetype: edoc.messageType,
    'hash-file': hashFile(edoc.sha256),
    from: edoc.from,
    ...(edoc.to && { to: asciiJson(edoc.to) }),
    ...(seal !== undefined && { 'tram-seal': seal }),
    ...(hops !== undefined && { 'tram-hops': hops }),
  }
}

function bodyToSend({ channel }: Connector, { length, content }: OutgoingEdoc): RequestBody {
  const after = Buffer.from(WIRE_STYLES[channel].afterPacket, 'ascii')
  return {
    length: length + after.length,
    content: async function* () {
      yield* content()
      if (after.length > 0) yield after
    },
  }
}
