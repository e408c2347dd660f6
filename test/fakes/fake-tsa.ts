import { createHash } from 'node:crypto'
import { integer, sequence, tlv } from '../../src/signature/der-writer.ts'
import { childrenOf, octetsOf, oidOf, parseBer } from '../../src/signature/formats/asn1.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import { makeToken, type TokenOptions } from './fake-tsa-token.ts'

/** What the TSA does with a request. Faults of the connection are those of `trust-service-server.ts`. */
export type TsaBehaviour =
  | 'answer'
  | 'wrong-nonce'
  | 'no-nonce'
  | 'wrong-imprint'
  | 'wrong-hash'
  | 'other-policy'
  | 'broken-signature'
  /** Signs with the key and the certificate of `stranger`. */
  | 'other-certificate'
  | 'rejection'
  | 'garbage'
  | 'empty'

export interface FakeTsaOptions {
  readonly tsa: SigningKey
  readonly stranger?: SigningKey
  /** Added to the clock, in milliseconds. */
  readonly clockOffsetMs?: number
}

/** A time-stamping authority (RFC 3161) that behaves as it is told. */
export class FakeTsa {
  behaviour: TsaBehaviour = 'answer'
  clockOffsetMs: number
  /** Requests that came, by the hex of their imprint. */
  readonly asked: string[] = []
  readonly #tsa: SigningKey
  readonly #stranger: SigningKey | undefined

  constructor({ tsa, stranger, clockOffsetMs = 0 }: FakeTsaOptions) {
    this.#tsa = tsa
    this.#stranger = stranger
    this.clockOffsetMs = clockOffsetMs
  }

  /** TimeStampReq to TimeStampResp, both DER. */
  respond(request: Uint8Array): Buffer {
    const asked = readRequest(request)
    this.asked.push(Buffer.from(asked.imprint).toString('hex'))
    const act = FAULTS[this.behaviour]
    if (this.behaviour === 'rejection') return rejection()
    if (this.behaviour === 'garbage') return Buffer.from('không phải DER')
    if (this.behaviour === 'empty') return Buffer.alloc(0)
    const key = this.behaviour === 'other-certificate' ? (this.#stranger ?? this.#tsa) : this.#tsa
    const genTime = new Date(Date.now() + this.clockOffsetMs)
    return sequence(sequence(integer(0)), makeToken(key, { ...asked, genTime, ...act?.(asked) }))
  }
}

/** A token over some octets, without a request: for tests of what reads tokens. */
export const tokenOver = (
  data: Uint8Array,
  tsa: SigningKey,
  options: Omit<TokenOptions, 'imprint'> = {},
): Buffer => makeToken(tsa, { ...options, imprint: createHash('sha256').update(data).digest() })

const flipped = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((octet) => octet ^ 0x55))

const FAULTS: Partial<
  Record<
    TsaBehaviour,
    (asked: Asked) => Partial<Omit<TokenOptions, 'nonce'>> & { nonce?: Uint8Array | undefined }
  >
> = {
  'wrong-nonce': ({ nonce }) => ({ nonce: flipped(nonce ?? Buffer.from('none')) }),
  'no-nonce': () => ({ nonce: undefined }),
  'wrong-imprint': ({ imprint }) => ({ imprint: flipped(imprint) }),
  'wrong-hash': () => ({ hashOid: '2.16.840.1.101.3.4.2.8' }),
  'other-policy': () => ({ policyOid: '2.999.3161.2' }),
  'broken-signature': () => ({ broken: true }),
}

/** PKIStatus rejection with failInfo badAlg (RFC 3161 §2.4.2). */
const rejection = (): Buffer =>
  sequence(
    sequence(
      integer(2),
      sequence(tlv(0x0c, Buffer.from('thuật toán không được chấp nhận'))),
      tlv(0x03, Uint8Array.of(7, 0x80)),
    ),
  )

interface Asked {
  readonly imprint: Uint8Array
  readonly hashOid: string
  readonly nonce?: Uint8Array
  readonly policyOid?: string
  readonly certificates: boolean
}

function readRequest(der: Uint8Array): Asked {
  const [, imprint, ...options] = childrenOf(parseBer(der).node)
  const [algorithm, value] = childrenOf(imprint)
  const found: { -readonly [K in keyof Asked]: Asked[K] } = {
    imprint: octetsOf(value)!,
    hashOid: oidOf(childrenOf(algorithm)[0])!,
    certificates: false,
  }
  for (const option of options) {
    const { tagNumber } = option.idBlock
    const content = Buffer.from(option.valueBeforeDecodeView).subarray(2)
    if (tagNumber === 6) found.policyOid = oidOf(option)!
    if (tagNumber === 2) found.nonce = content
    if (tagNumber === 1) found.certificates = content[0] !== 0
  }
  return found
}
