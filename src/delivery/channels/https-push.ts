import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { Agent, request } from 'undici'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { Channel, ChannelFailure, Consignment, SendResult } from './channel.ts'
import { AddressForbidden, type AddressPolicy, addressPolicy, guardedLookup } from './push-address.ts'

export interface PushOptions {
  /** Ed25519, PKCS#8 PEM: signs every notice (Standard Webhooks `v1a`). */
  readonly signingKeyPem: string
  /** Networks in CIDR notation to which a push may go although they are not public. */
  readonly permittedNetworks: readonly string[]
  /** Development only: lets `http:` endpoints be used. */
  readonly allowHttp: boolean
  readonly timeoutMs: number
  /** PEM of further authorities that endpoints' certificates may come from. */
  readonly authorities?: string
}

/**
 * Tells the recipient's system that a document waits in its inbox (Standard Webhooks 1.0.0). The notice is a hint: it
 * holds no content, and the document is fetched through the API. The id is the delivery's, the same at every attempt.
 */
export function httpsPushChannel(options: PushOptions): Channel {
  const key = createPrivateKey(options.signingKeyPem)
  const policy = addressPolicy(options.permittedNetworks)
  const agent = new Agent({
    connect: { lookup: guardedLookup(policy), timeout: options.timeoutMs, ca: options.authorities },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    maxResponseSize: 64 * 1024,
  })
  return {
    async send(consignment, signal) {
      const forbidden = checkUrl(consignment.endpointUrl, policy, options)
      if (forbidden) return { outcome: 'refused', failure: forbidden }
      const body = noticeBody(consignment)
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)])
      try {
        const response = await request(consignment.endpointUrl!, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...signatureHeaders(key, consignment.delivery.key, body),
          },
          body,
          dispatcher: agent,
          signal: deadline,
        })
        await response.body.dump()
        return answer(response.statusCode, response.headers['retry-after'])
      } catch (error) {
        return failed(error as Error)
      }
    },
  }
}

function noticeBody({ delivery }: Consignment): string {
  return JSON.stringify({
    type: 'delivery.available',
    timestamp: new Date().toISOString(),
    data: { deliveryId: delivery.key, recipient: delivery.recipient, number: delivery.inboxNumber },
  })
}

function signatureHeaders(key: KeyObject, id: string, body: string): Record<string, string> {
  const timestamp = Math.floor(Date.now() / 1000)
  const signature = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), key).toString('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1a,${signature}` }
}

/** An address written into the URL never passes through a lookup, so it is checked here. */
function checkUrl(
  url: string | null,
  policy: AddressPolicy,
  options: PushOptions,
): ChannelFailure | undefined {
  if (url === null || !URL.canParse(url))
    return failure('endpoint-missing', ['Không có địa chỉ nhận tin', 'There is no endpoint'])
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && options.allowHttp)) {
    return failure('not-https', ['Địa chỉ nhận tin phải là HTTPS', 'The endpoint must be HTTPS'])
  }
  const literal = hostname.replace(/^\[|\]$/g, '')
  return isIP(literal) !== 0 && !policy.permits(literal) ? addressForbidden() : undefined
}

function answer(status: number, retryAfter: string | string[] | undefined): SendResult {
  if (status >= 200 && status < 300) return { outcome: 'available', detail: { status } }
  const explained = failure(
    'http-status',
    [`Bên nhận trả lời HTTP ${status}`, `The recipient answered HTTP ${status}`],
    { status },
  )
  // 410 is how a receiver says that it wants no more (Standard Webhooks, "Responding to webhooks").
  if (status === 410) return { outcome: 'refused', failure: explained }
  const seconds = Number(retryAfter)
  return {
    outcome: 'retry',
    failure: explained,
    retryAfter: Number.isFinite(seconds) && seconds > 0 ? seconds : undefined,
  }
}

function failed(error: Error): SendResult {
  const root = error.cause instanceof Error ? error.cause : error
  if (error instanceof AddressForbidden || root instanceof AddressForbidden) {
    return { outcome: 'refused', failure: addressForbidden() }
  }
  const code = 'code' in root && typeof root.code === 'string' ? root.code : root.name
  return {
    outcome: 'retry',
    failure: failure(
      'connection',
      [`Không kết nối được tới bên nhận (${code})`, `The recipient could not be reached (${code})`],
      { code },
    ),
  }
}

const addressForbidden = (): ChannelFailure =>
  failure('address-forbidden', [
    'Địa chỉ nhận tin nằm ngoài các mạng được phép',
    'The endpoint lies outside the permitted networks',
  ])

const failure = (
  code: string,
  [vi, en]: [string, string],
  detail?: Record<string, unknown>,
): ChannelFailure => ({
  code,
  explanation: { vi, en } satisfies Bilingual,
  detail,
})
