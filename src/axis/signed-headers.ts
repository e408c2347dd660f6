import { createHmac, timingSafeEqual } from 'node:crypto'
import { flatObject, type Pair } from './flat-object.ts'
import { type AxisHeader, HEADER_PREFIX } from './operations.ts'

/** Headers as they come in: names and values by turns, as `IncomingMessage.rawHeaders` has them (latin-1 strings). */
export type RawHeaders = readonly string[]

/** What the signature covers, and nothing else. */
export interface SignedHeaders {
  readonly systemId: string
  readonly timestamp: string
  /** Undefined where it was not sent or not signed. Long-lived clients sign what earlier calls left behind, too. */
  get(name: AxisHeader): string | undefined
}

export type SignatureFault =
  | 'header-missing'
  | 'header-repeated'
  | 'hash-differs'
  | 'sign-header-malformed'
  | 'names-differ'
  | 'value-differs'

export type Verification =
  | { readonly ok: true; readonly headers: SignedHeaders }
  /** `header` is the lower-case name of the header that is at fault. */
  | { readonly ok: false; readonly fault: SignatureFault; readonly header: string }

const PREFIX = HEADER_PREFIX.toLowerCase()
const KEYS = `${PREFIX}sign-header-key`
const SIGNED = `${PREFIX}sign-header`
const HASH = `${PREFIX}hash-header`
const CONTENT_TYPE = 'content-type'
/** The vendor's client signs a dozen at most. */
const MOST_HEADERS = 64

/**
 * The system that a request says it comes from: its secrets are looked up by this, and nothing else may be decided by
 * it before `verifySignedHeaders` has said yes.
 */
export const claimedSystemId = (raw: RawHeaders): string | undefined =>
  ofInterest(raw).get(`${PREFIX}systemid`)?.[0]

/**
 * Judges a request as clients of the national axis sign it: HMAC-SHA256 over the received sign-header verbatim with one
 * of the secrets that are in force, then each name in it against the real header. Path, method and JSON body are not
 * covered, and headers that are not signed do not exist.
 */
export function verifySignedHeaders(raw: RawHeaders, secrets: readonly string[]): Verification {
  const real = ofInterest(raw)
  const repeated = [...real].find(([, values]) => values.length > 1)
  if (repeated) return no('header-repeated', repeated[0])
  const header = (name: string) => real.get(name)?.[0]
  const keys = header(KEYS)
  const text = header(SIGNED)
  const hash = header(HASH)
  if (keys === undefined) return no('header-missing', KEYS)
  if (text === undefined) return no('header-missing', SIGNED)
  if (hash === undefined) return no('header-missing', HASH)
  const form = secrets.map((secret) => formOfHash(secret, text, hash)).find((found) => found !== undefined)
  if (form === undefined) return no('hash-differs', HASH)
  const pairs = flatObject(form(text), MOST_HEADERS)
  if (pairs === undefined) return no('sign-header-malformed', SIGNED)
  return (
    differingNames(pairs, form(keys).split(';')) ??
    differingValue(pairs, (name) => {
      const value = header(name)
      return value === undefined ? undefined : form(value)
    }) ??
    signedHeaders(pairs)
  )
}

const no = (fault: SignatureFault, header: string) => ({ ok: false, fault, header }) as const

/** The headers of the interface by their lower-case names, each with all its values. */
function ofInterest(raw: RawHeaders): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? ''
    if (!name.startsWith(PREFIX) && name !== CONTENT_TYPE) continue
    const values = found.get(name)
    if (values) values.push(raw[at + 1] ?? '')
    else found.set(name, [raw[at + 1] ?? ''])
  }
  return found
}

/** How received bytes, which Node gives as latin-1, become text. */
type Form = (received: string) => string

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * UTF-8 where the bytes are that, else latin-1. Clients make the hash over UTF-8; those whose HTTP library sends latin-1
 * are found by the second form. One hash cannot stand for two texts: what either form reads is what was hashed.
 */
const asSent: Form = (received) => {
  try {
    return UTF8.decode(Buffer.from(received, 'latin1'))
  } catch {
    return received
  }
}
const asLatin1: Form = (received) => received

const FORMS: readonly { readonly hashed: BufferEncoding; readonly form: Form }[] = [
  { hashed: 'latin1', form: asSent },
  { hashed: 'utf8', form: asLatin1 },
]

function formOfHash(secret: string, text: string, hash: string): Form | undefined {
  const given = /^[0-9a-f]{64}$/i.test(hash) ? Buffer.from(hash, 'hex') : Buffer.alloc(0)
  const fits = (bytes: Buffer) => {
    const expected = hmac(secret, bytes)
    return expected.length === given.length && timingSafeEqual(expected, given)
  }
  return FORMS.find(({ hashed }) => fits(Buffer.from(text, hashed)))?.form
}

const hmac = (secret: string, bytes: Uint8Array): Buffer =>
  createHmac('sha256', Buffer.from(secret, 'utf8')).update(bytes).digest()

/** Both lists have the same names, each once; none differs from another in capitals alone. */
function differingNames(pairs: readonly Pair[], keys: readonly string[]) {
  const names = new Set(pairs.map(([name]) => name))
  const folded = new Set(pairs.map(([name]) => name.toLowerCase()))
  if (folded.size !== pairs.length) return no('header-repeated', SIGNED)
  const same =
    new Set(keys).size === keys.length &&
    keys.length === names.size &&
    keys.every((key) => names.has(HEADER_PREFIX + key))
  return same ? undefined : no('names-differ', KEYS)
}

/** HTTP takes white space off the ends of values: it counts for nothing on either side. */
function differingValue(pairs: readonly Pair[], header: (name: string) => string | undefined) {
  const differs = pairs.find(([name, value]) => {
    const lower = name.toLowerCase()
    const contentTypeDiffers = lower === `${PREFIX}content-type` && header(CONTENT_TYPE) !== trimmed(value)
    return contentTypeDiffers || header(lower) !== trimmed(value)
  })
  return differs && no('value-differs', differs[0].toLowerCase())
}

const trimmed = (value: string): string => value.replace(/^[ \t]+|[ \t]+$/g, '')

function signedHeaders(pairs: readonly Pair[]): Verification {
  const signed = new Map(pairs.map(([name, value]) => [name.toLowerCase(), trimmed(value)]))
  const get = (name: AxisHeader) => signed.get(PREFIX + name.toLowerCase())
  const systemId = get('systemid')
  if (systemId === undefined) return no('header-missing', `${PREFIX}systemid`)
  const timestamp = get('timestamp')
  if (timestamp === undefined) return no('header-missing', `${PREFIX}timestamp`)
  return { ok: true, headers: { systemId, timestamp, get } }
}
