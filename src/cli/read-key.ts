import { createPublicKey, type KeyObject } from 'node:crypto'
import { BitString, fromBER, ObjectIdentifier, Sequence } from 'asn1js'
import type { Certificate } from '../signature/x509/certificate.ts'
import { readCertificates } from '../signature/x509/pem.ts'
import { UsageError } from './usage-error.ts'

/** A public key of a kind that this Node does not know, such as ML-DSA on older releases. */
export interface UnknownKey {
  readonly algorithmOid: string
}

export const isUnknownKey = (key: KeyObject | Certificate | UnknownKey): key is UnknownKey =>
  'algorithmOid' in key

/**
 * A certificate or a bare public key (SubjectPublicKeyInfo), PEM or DER.
 * @throws UsageError where it is neither
 */
export function readKey(bytes: Uint8Array, name: string): KeyObject | Certificate | UnknownKey {
  try {
    return readCertificates(bytes)[0]!
  } catch {
    return publicKey(Buffer.from(bytes), name)
  }
}

function publicKey(key: Buffer, name: string): KeyObject | UnknownKey {
  try {
    return createPublicKey(key[0] === 0x30 ? { key, format: 'der', type: 'spki' } : key)
  } catch {
    const algorithmOid = algorithmOf(key[0] === 0x30 ? key : derOf(key))
    if (algorithmOid === undefined) throw new UsageError(`${name} is neither a certificate nor a public key`)
    return { algorithmOid }
  }
}

const derOf = (pem: Buffer): Buffer =>
  Buffer.from(/-----BEGIN PUBLIC KEY-----([^-]+)/.exec(pem.toString('latin1'))?.[1] ?? '', 'base64')

/** SubjectPublicKeyInfo (RFC 5280 §4.1): AlgorithmIdentifier and BIT STRING. */
function algorithmOf(der: Buffer): string | undefined {
  const { result } = fromBER(new Uint8Array(der))
  const [algorithm, bits] = result instanceof Sequence ? result.valueBlock.value : []
  const [oid] = algorithm instanceof Sequence ? algorithm.valueBlock.value : []
  return oid instanceof ObjectIdentifier && bits instanceof BitString ? oid.valueBlock.toString() : undefined
}
