import { createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import { Agent, request } from 'undici'
import {
  type AddressPolicy,
  addressPolicy,
  guardedLookup,
  type Resolve,
} from '../../network/address-policy.ts'
import type { ChannelFailure, SingleChannel } from './channel.ts'
import { noticeBody, noticeHeaders } from './push-notice.ts'
import { addressForbidden, answered, failure, unanswered } from './push-result.ts'

export interface PushOptions {
  /** Ed25519, PKCS#8 PEM: signs every notice (Standard Webhooks `v1a`). */
  readonly signingKeyPem: string
  /** Networks in CIDR notation to which a push may go although they are not public. */
  readonly permittedNetworks: readonly string[]
  /** Development only: lets `http:` endpoints be used. */
  readonly allowHttp: boolean
  readonly timeoutMs: number
  /** PEM of authorities that endpoints' certificates may come from, beside the public ones. */
  readonly authorities?: string
  /** The system's resolver where left out. */
  readonly resolve?: Resolve
}

/** The status decides; of the body no more is taken than lets a receiver finish its answer in peace. */
const BODY_BYTES = 64 * 1024
const BODY_MS = 1_000

/**
 * Tells the recipient's system that a document waits in its inbox (Standard Webhooks 1.0.0). The notice is a hint: it
 * holds no content, and the document is fetched through the API. The id is the delivery's, the same at every attempt. A
 * recipient that has no endpoint any more has turned to its inbox, where the document lies.
 */
export function httpsPushChannel(options: PushOptions): SingleChannel {
  const key = createPrivateKey(options.signingKeyPem)
  const policy = addressPolicy(options.permittedNetworks)
  const agent = pushAgent(options, policy)
  return {
    async send(consignment, signal) {
      const url = consignment.endpointUrl
      if (url === null) return { outcome: 'available', detail: { notTold: noEndpoint() } }
      const objection = objectionTo(url, policy, options)
      if (objection) return { outcome: 'refused', failure: objection }
      const body = noticeBody(consignment)
      const headers = noticeHeaders(key, consignment.delivery.key, body, Math.floor(Date.now() / 1000))
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)])
      try {
        const response = await request(url, {
          method: 'POST',
          headers,
          body,
          dispatcher: agent,
          signal: deadline,
        })
        const enough = AbortSignal.any([deadline, AbortSignal.timeout(BODY_MS)])
        await response.body.dump({ limit: BODY_BYTES, signal: enough }).catch(() => undefined)
        return answered(response.statusCode, response.headers['retry-after'], new Date())
      } catch (error) {
        return unanswered(error, signal.aborted)
      }
    },
  }
}

const noEndpoint = (): ChannelFailure =>
  failure('endpoint-missing', [
    'Bên nhận không còn địa chỉ nhận tin: văn bản nằm trong hộp thư',
    'The recipient has no endpoint any more: the document lies in its inbox',
  ])

/** No connection outlives its notice, so that each is made to an address that was looked up and checked for it. */
const pushAgent = (options: PushOptions, policy: AddressPolicy): Agent =>
  new Agent({
    pipelining: 0,
    connect: {
      lookup: guardedLookup(policy, options.resolve),
      timeout: options.timeoutMs,
      // `ca` takes the place of the public authorities, which must stay.
      ...(options.authorities && { ca: [...rootCertificates, options.authorities] }),
    },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
  })

/** Why an endpoint is not asked at all. An address written into the URL never passes through a lookup. */
function objectionTo(url: string, policy: AddressPolicy, options: PushOptions): ChannelFailure | undefined {
  if (!URL.canParse(url)) {
    return failure('endpoint-invalid', ['Địa chỉ nhận tin không hợp lệ', "The endpoint's URL is not one"])
  }
  const { protocol, hostname } = new URL(url)
  if (protocol !== 'https:' && !(protocol === 'http:' && options.allowHttp)) {
    return failure('not-https', ['Địa chỉ nhận tin phải là HTTPS', 'The endpoint must be HTTPS'])
  }
  const literal = hostname.replace(/^\[|\]$/g, '')
  return isIP(literal) !== 0 && !policy.permits(literal) ? addressForbidden() : undefined
}
