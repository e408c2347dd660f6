import { readTimestampResponse, timestampRequest } from '../signature/timestamp/request.ts'
import { type FetchSettings, httpFetch } from './http-fetch.ts'

/** A token answers with the TSA's chain: some kilobytes. */
const MAX_TOKEN_BYTES = 256 * 1024

export interface TsaSettings extends Pick<FetchSettings, 'timeoutMs' | 'authorities'> {
  /** Tried in turn, the one that answered last first. */
  readonly urls: readonly string[]
  readonly policyOid?: string
  /** Looks at a token that fits the request; a text says why it is not taken. */
  readonly objection?: (token: Uint8Array, imprint: Uint8Array, genTime: Date) => Promise<string | undefined>
}

export interface Stamp {
  /** TimeStampToken, DER. */
  readonly token: Uint8Array
  readonly genTime: Date
  readonly url: string
}

/** No authority gave a token that can be used. */
export class TsaUnavailable extends Error {
  /** One line for each authority: where and why. */
  readonly failures: readonly string[]

  constructor(failures: readonly string[]) {
    super(`no timestamp: ${failures.join('; ')}`)
    this.name = 'TsaUnavailable'
    this.failures = failures
  }
}

export interface TsaClient {
  /**
   * A token over a SHA-256 digest (RFC 3161 §3.4, over HTTP).
   * @throws TsaUnavailable
   */
  stamp(imprint: Uint8Array, signal?: AbortSignal): Promise<Stamp>
  close(): Promise<void>
}

/** Asks the authorities of a list, one after the other, until one answers with a token for what was asked. */
export function tsaClient(settings: TsaSettings): TsaClient {
  const http = httpFetch({ ...settings, maxBytes: MAX_TOKEN_BYTES })
  let first = 0
  const askOne = async (url: string, imprint: Uint8Array, signal?: AbortSignal): Promise<Stamp | string> => {
    const { policyOid } = settings
    const request = timestampRequest(imprint, policyOid === undefined ? {} : { policyOid })
    const fetched = await http.fetch(
      {
        url,
        body: request.der,
        contentType: 'application/timestamp-query',
        accept: 'application/timestamp-reply',
      },
      signal,
    )
    if ('failure' in fetched) return fetched.failure
    const response = readTimestampResponse(fetched.bytes, request)
    if ('fault' in response) return `${response.fault} (${response.detail})`
    const objection = await settings.objection?.(response.token, imprint, response.genTime)
    return objection ?? { ...response, url }
  }
  return {
    async stamp(imprint, signal) {
      const failures: string[] = []
      for (let turn = 0; turn < settings.urls.length && signal?.aborted !== true; turn++) {
        const index = (first + turn) % settings.urls.length
        const url = settings.urls[index]!
        const answer = await askOne(url, imprint, signal)
        if (typeof answer !== 'string') {
          first = index
          return answer
        }
        failures.push(`${hostOf(url)}: ${answer}`)
      }
      throw new TsaUnavailable(failures)
    },
    close: http.close,
  }
}

/** A URL may hold a password. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'URL')
