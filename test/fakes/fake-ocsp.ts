import { createHash, sign } from 'node:crypto'
import {
  context,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  tlv,
} from '../../src/signature/der-writer.ts'
import { bytesOf, childrenOf, isContext, octetsOf, parseBer } from '../../src/signature/formats/asn1.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import type { Certificate } from '../../src/signature/x509/certificate.ts'
import { bitString, signatureAlgorithm } from './fake-crl.ts'
import { generalizedTime } from './fake-tsa-token.ts'

export type CertificateState = 'good' | 'unknown' | { readonly revokedAt: Date; readonly reason?: number }

export interface OcspResponseOptions {
  /** Signs in the issuer's name: the issuer itself, or a delegate with id-kp-OCSPSigning. */
  readonly responder: SigningKey
  readonly state?: CertificateState
  readonly thisUpdate?: Date
  /** In an hour unless told; null leaves it out. */
  readonly nextUpdate?: Date | null
  readonly producedAt?: Date
  /** Whether the responder's certificate goes along; it does unless told. */
  readonly certificates?: boolean
  /** Spoils the signature value. */
  readonly broken?: boolean
}

const MINUTE = 60_000

/** Whole seconds: OCSP knows no fractions (RFC 6960 §4.2.2.1). */
const secondsOf = (date: Date): Buffer => generalizedTime(new Date(Math.floor(date.getTime() / 1000) * 1000))

/** An OCSPResponse (RFC 6960 §4.2) on one certificate, without a request. DER. */
export const ocspResponseFor = (
  certificate: Certificate,
  issuer: Certificate,
  options: OcspResponseOptions,
): Buffer => successful(certificateId(certificate, issuer), options)

/** CertID with SHA-1, as all clients ask (RFC 5019 §2.1.1). */
export function certificateId(certificate: Certificate, issuer: Certificate): Buffer {
  const sha1 = (bytes: Uint8Array) => octetString(createHash('sha1').update(bytes).digest())
  const spki = parseBer(issuer.publicKey.export({ type: 'spki', format: 'der' })).node
  const key = bytesOf(childrenOf(spki)[1]!)
  return sequence(
    sequence(oid('1.3.14.3.2.26'), nullValue()),
    sha1(Buffer.from(issuer.subjectDer, 'hex')),
    // The bits of the BIT STRING, without tag, length and the count of unused bits.
    sha1(key.subarray(key[1]! < 0x80 ? 3 : 3 + (key[1]! & 0x7f))),
    integer(Buffer.from(certificate.serial, 'hex')),
  )
}

const STATES = {
  good: () => tlv(0x80),
  unknown: () => tlv(0x82),
} as const

function stateOf(state: CertificateState): Buffer {
  if (typeof state === 'string') return STATES[state]()
  const { revokedAt, reason } = state
  return context(
    1,
    secondsOf(revokedAt),
    ...(reason === undefined ? [] : [context(0, tlv(0x0a, Uint8Array.of(reason)))]),
  )
}

function successful(id: Uint8Array, options: OcspResponseOptions, nonce?: Uint8Array): Buffer {
  const { responder, state = 'good', thisUpdate = new Date(Date.now() - MINUTE) } = options
  const { nextUpdate = new Date(Date.now() + 60 * MINUTE), producedAt = thisUpdate } = options
  const own = responder.certificateChain[0]!
  const single = sequence(
    id,
    stateOf(state),
    secondsOf(thisUpdate),
    ...(nextUpdate === null ? [] : [context(0, secondsOf(nextUpdate))]),
  )
  const data = sequence(
    context(1, Buffer.from(own.subjectDer, 'hex')),
    secondsOf(producedAt),
    sequence(single),
    ...(nonce === undefined ? [] : [context(1, sequence(nonce))]),
  )
  const value = sign('sha256', data, responder.key)
  if (options.broken === true) value[value.length - 1]! ^= 1
  const basic = sequence(
    data,
    signatureAlgorithm(responder),
    bitString(value),
    ...(options.certificates === false ? [] : [context(0, sequence(own.der))]),
  )
  return sequence(
    tlv(0x0a, Uint8Array.of(0)),
    context(0, sequence(oid('1.3.6.1.5.5.7.48.1.1'), octetString(basic))),
  )
}

export type OcspBehaviour =
  | 'answer'
  | 'expired'
  | 'wrong-responder'
  | 'broken-signature'
  | 'other-certificate'
  | 'try-later'
  | 'garbage'
  | 'empty'

/** OCSPResponseStatus tryLater (RFC 6960 §4.2.1). */
const TRY_LATER = 3

export interface FakeOcspOptions {
  readonly responder: SigningKey
  /** Not entitled to answer: for `wrong-responder`. */
  readonly stranger?: SigningKey
}

/** An OCSP responder that behaves as it is told. What it was told nothing of is good. */
export class FakeOcsp {
  behaviour: OcspBehaviour = 'answer'
  /** By serial number in hex, as `Certificate.serial` has it. */
  readonly states = new Map<string, CertificateState>()
  asked = 0
  readonly #options: FakeOcspOptions

  constructor(options: FakeOcspOptions) {
    this.#options = options
  }

  /** OCSPRequest to OCSPResponse, both DER. */
  respond(request: Uint8Array): Buffer {
    this.asked++
    if (this.behaviour === 'garbage') return Buffer.from('không phải DER')
    if (this.behaviour === 'empty') return Buffer.alloc(0)
    if (this.behaviour === 'try-later') return sequence(tlv(0x0a, Uint8Array.of(TRY_LATER)))
    const { id, serial, nonce } = readRequest(request)
    const { responder, stranger = responder } = this.#options
    const past = (minutes: number) => new Date(Date.now() - minutes * MINUTE)
    const options = {
      responder: this.behaviour === 'wrong-responder' ? stranger : responder,
      state: this.states.get(serial) ?? 'good',
      broken: this.behaviour === 'broken-signature',
      ...(this.behaviour === 'expired' && { thisUpdate: past(48 * 60), nextUpdate: past(24 * 60) }),
    } as const
    return successful(this.behaviour === 'other-certificate' ? sequence(...splitId(id)) : id, options, nonce)
  }
}

/** The same CertID with another serial number. */
const splitId = (id: Uint8Array): Uint8Array[] => {
  const parts = childrenOf(parseBer(id).node).map((part) => Buffer.from(bytesOf(part)))
  parts[3]![parts[3]!.length - 1]! ^= 1
  return parts
}

function readRequest(der: Uint8Array): { id: Uint8Array; serial: string; nonce?: Uint8Array } {
  const fields = childrenOf(childrenOf(parseBer(der).node)[0])
  const list = fields.find((field) => field.idBlock.tagClass === 1 && childrenOf(field).length > 0)
  const id = Buffer.from(bytesOf(childrenOf(childrenOf(list)[0])[0]!))
  const serial = Buffer.from(bytesOf(childrenOf(parseBer(id).node)[3]!)).subarray(2)
  const extensions = fields.find((field) => isContext(field, 2))
  const nonce = childrenOf(childrenOf(extensions)[0]).find(
    (one) => octetsOf(childrenOf(one)[1]) !== undefined,
  )
  return {
    id,
    serial: serial.toString('hex').replace(/^(00)+(?=..)/, ''),
    ...(nonce !== undefined && { nonce: Buffer.from(bytesOf(nonce)) }),
  }
}
