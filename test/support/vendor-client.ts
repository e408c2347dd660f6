import { createHash } from 'node:crypto'
import { request } from 'undici'
import { unpaddedHash } from '../../src/axis/file-hash.ts'
import { AXIS_OPERATIONS, type AxisHeader, type AxisOperation } from '../../src/axis/operations.ts'
import { signHeaders } from '../../src/axis/sign-headers.ts'
import { writeAxisTimestamp } from '../../src/axis/timestamp.ts'
import { sha256 } from '../../src/domain/identifiers.ts'

/** What an answer of the axis interface holds, as far as tests look into it. */
export interface VendorAnswer {
  readonly status: 'OK' | 'FAIL'
  readonly ErrorCode: string
  readonly ErrorDesc: string
  readonly DocId: string
  readonly count: number
  readonly data: string & readonly Record<string, string>[]
}

/** Fields without which the vendor's client loses the answer, beside those of every answer. */
const NEEDED: Partial<Record<AxisOperation, (answer: VendorAnswer) => boolean>> = {
  sendEdoc: ({ DocId }) => typeof DocId === 'string',
  getEdoc: ({ status, data }) => status === 'FAIL' || typeof data === 'string',
  countReceiveEdoc: ({ count }) => typeof count === 'number',
  countReceiveStatus: ({ count }) => typeof count === 'number',
}
const isList = (operation: AxisOperation): boolean => /List|Synchronize/.test(operation)

/**
 * Reads an answer as strictly as the vendor's client: a page of another kind is "no documents" to it, one null or one
 * missing field and everything is null, and what is not ASCII is spoilt.
 * @throws Error in all these cases
 */
export function asVendorClient(operation: AxisOperation, body: Uint8Array): VendorAnswer {
  const text = Buffer.from(body).toString('latin1')
  if (/[^\x20-\x7e]/.test(text)) throw new Error(`not ASCII: ${text.slice(0, 200)}`)
  const answer: VendorAnswer = JSON.parse(text, (key, value: unknown) => {
    if (value === null) throw new Error(`${key} is null`)
    return value
  })
  for (const field of ['status', 'ErrorCode', 'ErrorDesc'] as const)
    if (typeof answer[field] !== 'string' || answer[field] === '') throw new Error(`no ${field} in ${text}`)
  if ((answer.status === 'OK') !== (answer.ErrorCode === '0')) throw new Error(`contradicts itself: ${text}`)
  if (isList(operation) && !Array.isArray(answer.data)) throw new Error(`no list in ${text}`)
  if (NEEDED[operation]?.(answer) === false) throw new Error(`a field is missing in ${text}`)
  return answer
}

export interface VendorClient {
  /** Asks as the vendor's client does, with new headers; throws where that client would lose the answer. */
  ask(operation: AxisOperation, fields?: Fields, body?: Uint8Array | string): Promise<VendorAnswer>
  /** Sends a packet, with CRLF behind it and the hash as that client prints it. */
  send(packet: Uint8Array, fields: Fields): Promise<VendorAnswer>
  download(docId: string): Promise<Buffer>
}

type Fields = Partial<Record<AxisHeader, string>>

export interface VendorClientOptions {
  readonly port: number
  readonly systemId: string
  readonly secret?: string
  readonly now?: () => Date
}

/** A client of one system. */
export function vendorClient({
  port,
  systemId,
  secret = 'test-secret',
  now = () => new Date(),
}: VendorClientOptions): VendorClient {
  const call = async (operation: AxisOperation, fields: Fields, body: Uint8Array | string) => {
    const { method } = AXIS_OPERATIONS[operation]
    const common = { systemid: systemId, timestamp: writeAxisTimestamp(now()) }
    const answer = await request(`http://127.0.0.1:${port}/XrdAdapter/RestService/edoc/${operation}`, {
      method,
      headers: signHeaders({ ...common, ...fields }, secret),
      ...(method === 'POST' && { body }),
    })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}: ${bytes.toString()}`)
    return bytes
  }
  const ask: VendorClient['ask'] = async (operation, fields = {}, body = '{}') =>
    asVendorClient(operation, await call(operation, fields, body))
  return {
    ask,
    send(packet, fields) {
      const digest = unpaddedHash(sha256(createHash('sha256').update(packet).digest('hex')))
      const all = { servicetype: 'eDoc', messagetype: 'edoc', 'hash-file': digest, ...fields }
      return ask('sendEdoc', all, Buffer.concat([packet, Buffer.from('\r\n')]))
    },
    download: (docId) => call('downloadEdoc', { docId, filePath: '/tmp' }, ''),
  }
}
