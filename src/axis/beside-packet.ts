import type { Hop } from '../domain/axis/hop.ts'
import { asciiJson } from './ascii-json.ts'
import { storable } from './axis-fault.ts'
import type { BesidePacket } from './client-types.ts'
import { parseShallow } from './json-depth.ts'

/** As headers `tram-seal` and `tram-hops` of sendEdoc, and fields `tramSeal` and `tramHops` of getEdoc's answer. */
export interface BesideTexts {
  /** Base64. */
  readonly seal?: string
  /** JSON, an array of hops. */
  readonly hops?: string
}

/** More exchanges than any way in the country has; what is longer goes round in circles. */
const MOST_HOPS = 64
/** Of a list of hops, also with what later gateways may add to one. */
const MOST_DEPTH = 8
/** Characters of a name or time in a hop. */
const MOST_CHARACTERS = 200
/** Bytes of a seal that is read beside a packet. One with its certificates and timestamps has some ten thousand. */
export const LONGEST_SEAL = 300_000
/** As base64. */
const MOST_SEAL_CHARACTERS = 4 * Math.ceil(LONGEST_SEAL / 3)

export const writeBeside = ({ seal, hops }: BesidePacket): BesideTexts => ({
  ...(seal && { seal: Buffer.from(seal).toString('base64') }),
  ...(hops.length > 0 && { hops: asciiJson(hops) }),
})

/** Undefined where either text is not what `writeBeside` writes: whoever sends it is no gateway of this kind. */
export function readBeside(texts: BesideTexts): BesidePacket | undefined {
  const hops = texts.hops === undefined ? [] : readHops(texts.hops)
  const seal = texts.seal === undefined ? undefined : readSeal(texts.seal)
  if (hops === undefined || (texts.seal !== undefined && seal === undefined)) return undefined
  return { ...(seal && { seal }), hops }
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

function readSeal(text: string): Uint8Array | undefined {
  const isOne = text.length <= MOST_SEAL_CHARACTERS && text.length % 4 === 0 && BASE64.test(text)
  return isOne ? Buffer.from(text, 'base64') : undefined
}

function readHops(text: string): Hop[] | undefined {
  const hops = parseShallow(text, MOST_DEPTH)
  return Array.isArray(hops) && hops.length <= MOST_HOPS && hops.every(isHop)
    ? hops.map(({ organId, timestamp }) => ({ organId, timestamp }))
    : undefined
}

const isHop = (value: unknown): value is Hop =>
  typeof value === 'object' &&
  value !== null &&
  'organId' in value &&
  'timestamp' in value &&
  isShort(value.organId) &&
  isShort(value.timestamp)

const isShort = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MOST_CHARACTERS && storable(value) === value
