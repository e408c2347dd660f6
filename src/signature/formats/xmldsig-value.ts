import type { KeyObject } from 'node:crypto'
import { fits, type SignatureAlgorithm } from '../algorithms.ts'

/** Bytes of r and of s for the curves of XML signatures; others are not read. */
const CURVES: Readonly<Record<string, number>> = {
  secp224r1: 28,
  prime256v1: 32,
  secp256k1: 32,
  secp384r1: 48,
  secp521r1: 66,
}

/** Whether the key is on a curve that XML signatures are made with here: the NIST ones. */
export const isKnownCurve = (key: KeyObject): boolean =>
  key.asymmetricKeyType !== 'ec' || Object.hasOwn(CURVES, key.asymmetricKeyDetails?.namedCurve ?? '')

/**
 * Whether a SignatureValue fits. ECDSA values are r and s side by side, each as long as the order (XML-Signature 1.1
 * §6.4.3); makers that write them longer or shorter by zeros, or as the DER of X.509, are understood too: the two
 * numbers are the same, and the key proves them.
 */
export function fitsXml(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  signed: Uint8Array,
  value: Uint8Array,
): boolean {
  const size = CURVES[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (algorithm.family !== 'ecdsa' || size === undefined || value.length === 2 * size)
    return fits(algorithm, key, signed, value, 'ieee-p1363')
  const resized = value.length % 2 === 0 ? sideBySide(value, size) : undefined
  if (resized !== undefined && fits(algorithm, key, signed, resized, 'ieee-p1363')) return true
  return value[0] === 0x30 && fits(algorithm, key, signed, value, 'der')
}

function sideBySide(value: Uint8Array, size: number): Uint8Array | undefined {
  const half = value.length / 2
  const parts = [value.subarray(0, half), value.subarray(half)].map((part) => sized(part, size))
  return parts.every((part) => part !== undefined) ? Buffer.concat(parts) : undefined
}

function sized(part: Uint8Array, size: number): Uint8Array | undefined {
  const start = part.findIndex((byte) => byte !== 0)
  const digits = start < 0 ? part.subarray(part.length) : part.subarray(start)
  return digits.length > size ? undefined : Buffer.concat([Buffer.alloc(size - digits.length), digits])
}
