import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import { Agent, request } from 'undici'
import { type AddressPolicy, guardedLookup, type Resolve } from '../network/address-policy.ts'

export interface FetchSettings {
  /** From the name's look-up to the last byte, in milliseconds. */
  readonly timeoutMs: number
  /** An answer that is longer is none, in bytes. */
  readonly maxBytes: number
  /** Which addresses may be asked; any where left out, which is for URLs that the operator wrote. */
  readonly addresses?: AddressPolicy
  /** PEM of authorities of the services' TLS certificates, beside the public ones. */
  readonly authorities?: string
  /** The system's resolver where left out. */
  readonly resolve?: Resolve
}

export interface Asked {
  readonly url: string
  /** With a body it is a POST. */
  readonly body?: Uint8Array
  readonly contentType?: string
  readonly accept?: string
}

/** An answer of 200 with its bytes, or why there is none, in a word fit for logs and metrics. */
export type Fetched = { readonly bytes: Uint8Array } | { readonly failure: string }

export interface HttpFetch {
  /** Never throws for what the other side does. Redirections are not followed: they could lead anywhere. */
  fetch(asked: Asked, signal?: AbortSignal): Promise<Fetched>
  close(): Promise<void>
}

/** A client for services that answer with one small object: time-stamping, OCSP, CRLs. */
export function httpFetch(settings: FetchSettings): HttpFetch {
  const { timeoutMs, addresses, authorities } = settings
  const agent = new Agent({
    connect: {
      timeout: timeoutMs,
      ...(addresses && { lookup: guardedLookup(addresses, settings.resolve) }),
      ...(authorities && { ca: [...rootCertificates, authorities] }),
    },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    keepAliveTimeout: 4_000,
    // Addresses were checked when the connection was made: it may not live on for hours.
    keepAliveMaxTimeout: 30_000,
  })
  return {
    async fetch(asked, signal) {
      const objection = objectionTo(asked.url, addresses)
      if (objection !== undefined) return { failure: objection }
      const deadline = AbortSignal.timeout(timeoutMs)
      try {
        return await ask(
          agent,
          asked,
          settings.maxBytes,
          signal ? AbortSignal.any([signal, deadline]) : deadline,
        )
      } catch (error) {
        return { failure: deadline.aborted ? 'timeout' : failureOf(error) }
      }
    },
    close: () => agent.destroy(),
  }
}

async function ask(agent: Agent, asked: Asked, maxBytes: number, signal: AbortSignal): Promise<Fetched> {
  const { statusCode, body } = await request(asked.url, {
    method: asked.body === undefined ? 'GET' : 'POST',
    ...(asked.body !== undefined && { body: asked.body }),
    headers: {
      ...(asked.contentType !== undefined && { 'content-type': asked.contentType }),
      ...(asked.accept !== undefined && { accept: asked.accept }),
    },
    dispatcher: agent,
    signal,
  })
  if (statusCode !== 200) {
    body.on('error', () => undefined).destroy()
    return { failure: `status-${statusCode}` }
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) {
      body.on('error', () => undefined).destroy()
      return { failure: 'too-large' }
    }
    chunks.push(chunk)
  }
  return { bytes: Buffer.concat(chunks) }
}

/** Why a URL is not asked at all. An address written into the URL never passes through a look-up. */
function objectionTo(url: string, addresses: AddressPolicy | undefined): string | undefined {
  if (!URL.canParse(url)) return 'url-invalid'
  const { protocol, hostname, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return 'url-scheme'
  if (addresses === undefined) return undefined
  if (username !== '' || password !== '') return 'url-credentials'
  const literal = hostname.replace(/^\[|\]$/g, '')
  return isIP(literal) !== 0 && !addresses.permits(literal) ? 'address-forbidden' : undefined
}

/** The code of a system or client error, or its name: a text with addresses in it says too much to a caller. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed'
  if (error.name === 'AddressForbidden') return 'address-forbidden'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
