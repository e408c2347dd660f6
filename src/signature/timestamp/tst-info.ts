import { type HashName, hashByOid } from '../algorithms.ts'
import {
  type Ber,
  childrenOf,
  integerOf,
  isContext,
  isUniversal,
  octetsOf,
  oidOf,
  readBer,
  signedOf,
  TAG,
} from '../formats/ber.ts'
import { dateOf, fractionOf } from '../formats/ber-time.ts'

/** What a timestamp says (RFC 3161 §2.4.2). */
export interface TstInfo {
  readonly policyOid: string
  readonly imprint: Imprint
  readonly serial: bigint
  readonly genTime: Date
  /** The digits after the second, as written; empty where there are none. */
  readonly fraction: string
  /** In milliseconds. */
  readonly accuracy: number
  readonly nonce?: bigint
}

export interface Imprint {
  /** Undefined where the algorithm is not known. */
  readonly hash: HashName | undefined
  readonly hashOid: string
  readonly digest: Buffer
}

/**
 * TSTInfo ::= SEQUENCE { version, policy, messageImprint, serialNumber, genTime, accuracy?, ordering?, nonce?,
 * [0] tsa?, [1] extensions? }.
 * @throws Error where the bytes are none
 */
export function readTstInfo(bytes: Uint8Array): TstInfo {
  const node = readBer(bytes)
  if (node.raw.length !== bytes.length) throw new Error('TSTInfo')
  const [version, policy, imprint, serial, time, ...rest] = childrenOf(node)
  const accuracy = isUniversal(rest[0], TAG.sequence) ? rest.shift() : undefined
  const nonce = rest.find((one) => isUniversal(one, TAG.integer))
  const number = nonce && integerOf(nonce)
  if (integerOf(version) !== 1n) throw new Error('TSTInfo version')
  return {
    policyOid: required(oidOf(policy), 'policy'),
    imprint: readImprint(imprint),
    serial: required(integerOf(serial), 'serialNumber'),
    genTime: required(isUniversal(time, TAG.generalizedTime) ? dateOf(time) : undefined, 'genTime'),
    fraction: fractionOf(time),
    accuracy: accuracyOf(accuracy),
    ...(number !== undefined && { nonce: number }),
  }
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`TSTInfo ${name}`)
  return value
}

function readImprint(node: Ber | undefined): Imprint {
  const [algorithm, digest] = childrenOf(node)
  const hashOid = required(oidOf(childrenOf(algorithm)[0]), 'messageImprint')
  return { hashOid, hash: hashByOid(hashOid), digest: required(octetsOf(digest), 'messageImprint') }
}

/** Accuracy ::= SEQUENCE { seconds INTEGER?, [0] millis?, [1] micros? }, in milliseconds, rounded up. */
function accuracyOf(node: Ber | undefined): number {
  const parts = childrenOf(node)
  const seconds = integerOf(parts.find((one) => isUniversal(one, TAG.integer))) ?? 0n
  const [millis, micros] = [0, 1].map((tag) => {
    const part = parts.find((one) => isContext(one, tag))
    return (part && signedOf(part.content)) ?? 0n
  })
  const total = Number(seconds) * 1000 + Number(millis) + Math.ceil(Number(micros) / 1000)
  return Number.isFinite(total) && total > 0 ? total : 0
}
