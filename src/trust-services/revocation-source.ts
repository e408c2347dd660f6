import { createHash } from 'node:crypto'
import { addressPolicy, type Resolve } from '../network/address-policy.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import type { RevocationSource } from '../signature/x509/revocation.ts'
import { type AnswerTimes, crlTimes, ocspTimes } from './answer-times.ts'
import { ExpiringCache, type Kept } from './expiring-cache.ts'
import { type Asked, type HttpFetch, httpFetch } from './http-fetch.ts'
import { ocspRequest } from './ocsp-request.ts'
import type { PermittedHosts } from './permitted-hosts.ts'
import { statusUrls } from './status-urls.ts'

export interface RevocationSettings {
  /** Of one fetch, in milliseconds. */
  readonly timeoutMs: number
  /** Of one question, whatever it takes, in milliseconds. */
  readonly deadlineMs: number
  readonly hosts: PermittedHosts
  /** Networks in CIDR notation that may be asked although they are not public. */
  readonly networks: readonly string[]
  /** The system's resolver and clock where left out. */
  readonly resolve?: Resolve
  readonly now?: () => Date
  /** Told of every fetch that brought nothing. */
  readonly onFailure?: (url: string, why: string) => void
}

export interface OnlineRevocation extends RevocationSource {
  mayAsk(): boolean
  close(): Promise<void>
}

const SECOND = 1_000
const MAX_OCSP_BYTES = 64 * 1024
const MAX_CRL_BYTES = 16 * 1024 * 1024
const BOUNDS = { maxEntries: 2_000, maxBytes: 64 * 1024 * 1024 }
/** Whatever an answer says of itself, it is asked for again after this: revocation must become known. */
const LONGEST_KEPT = { ocsp: 10 * 60 * SECOND, crl: 60 * 60 * SECOND }
/** A service that brought nothing is left alone for this, so that it cannot hold up every document. */
const FAILURE_KEPT = 30 * SECOND

interface Kind {
  readonly longestKept: number
  times(der: Uint8Array): AnswerTimes | undefined
}
const OCSP: Kind = { longestKept: LONGEST_KEPT.ocsp, times: ocspTimes }
const CRL: Kind = { longestKept: LONGEST_KEPT.crl, times: crlTimes }

type Answer = Uint8Array | undefined

/**
 * Fetches OCSP responses and CRLs from where certificates say that they are, as far as that is permitted. What is
 * fetched is not believed here: it proves itself by its signature. Answers are kept until their nextUpdate, and for
 * an hour (CRL) or ten minutes (OCSP) at most; an answer whose time is over is never given.
 */
export function revocationSource(settings: RevocationSettings): OnlineRevocation {
  const { timeoutMs, resolve, now = () => new Date() } = settings
  const shared = { timeoutMs, addresses: addressPolicy(settings.networks), ...(resolve && { resolve }) }
  const ocspHttp = httpFetch({ ...shared, maxBytes: MAX_OCSP_BYTES })
  const crlHttp = httpFetch({ ...shared, maxBytes: MAX_CRL_BYTES })
  const cache = new ExpiringCache<Answer>(BOUNDS, now)

  const fetchOne = async (http: HttpFetch, asked: Asked, kind: Kind): Promise<Kept<Answer>> => {
    const fetched = await http.fetch(asked)
    const times = 'bytes' in fetched ? kind.times(fetched.bytes) : undefined
    const present = now()
    const isOver = times?.nextUpdate !== undefined && times.nextUpdate <= present
    if (!('bytes' in fetched) || times === undefined || isOver) {
      settings.onFailure?.(asked.url, 'failure' in fetched ? fetched.failure : isOver ? 'stale' : 'malformed')
      return { value: undefined, size: 0, until: new Date(present.getTime() + FAILURE_KEPT) }
    }
    const longest = present.getTime() + kind.longestKept
    const until = new Date(Math.min(longest, times.nextUpdate?.getTime() ?? longest))
    return { value: fetched.bytes, size: fetched.bytes.length, until }
  }

  const firstOf = async (urls: readonly string[], ask: (url: string) => Promise<Answer>) => {
    const giveUpAt = performance.now() + settings.deadlineMs
    for (const url of urls.filter((one) => settings.hosts.permits(one))) {
      const left = giveUpAt - performance.now()
      const answer = left > 0 ? await within(left, ask(url)) : undefined
      if (answer !== undefined) return [answer]
    }
    return []
  }

  // A certificate whose key cannot even be written down cannot be asked about.
  const nothing = () => []
  return {
    crls: async (certificate) =>
      firstOf(statusUrls(certificate).crl, (url) =>
        cache.get(`crl ${url}`, () => fetchOne(crlHttp, { url, accept: 'application/pkix-crl' }, CRL)),
      ).catch(nothing),
    ocsps: async (certificate, issuer) =>
      firstOf(statusUrls(certificate).ocsp, (url) =>
        cache.get(`ocsp ${keyOf(certificate, issuer)} ${url}`, () =>
          fetchOne(ocspHttp, ocspQuestion(url, certificate, issuer), OCSP),
        ),
      ).catch(nothing),
    mayAsk: () => !settings.hosts.isEmpty,
    async close() {
      await Promise.all([ocspHttp.close(), crlHttp.close()])
    },
  }
}

const ocspQuestion = (url: string, certificate: Certificate, issuer: Certificate): Asked => ({
  url,
  body: ocspRequest(certificate, issuer),
  contentType: 'application/ocsp-request',
  accept: 'application/ocsp-response',
})

const keyOf = (certificate: Certificate, issuer: Certificate): string =>
  createHash('sha256').update(certificate.sha256).update(issuer.sha256).digest('base64')

/** What comes later is kept for the next who asks. */
async function within(milliseconds: number, work: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}
