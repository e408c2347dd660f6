import {
  childrenOf,
  integerOf,
  isContext,
  isUniversal,
  octetsOf,
  readBer,
  TAG,
} from '../signature/formats/ber.ts'
import { dateOf } from '../signature/formats/ber-time.ts'

/** When an answer was true, and until when it is to be believed. Read for keeping it, not for believing it. */
export interface AnswerTimes {
  readonly thisUpdate: Date
  readonly nextUpdate?: Date
}

/** Times of a CertificateList (RFC 5280 §5.1.2); undefined where the bytes are none. */
export function crlTimes(der: Uint8Array): AnswerTimes | undefined {
  return guarded(() => {
    const list = readBer(der)
    if (list.raw.length !== der.length) return undefined
    const fields = childrenOf(childrenOf(list)[0]).slice(0, 6)
    const dates = fields.flatMap((field) => dateOf(field) ?? [])
    return timesOf(dates[0], dates[1])
  })
}

/** Times of the first answer of an OCSPResponse that succeeded (RFC 6960 §4.2.1); undefined for any other. */
export function ocspTimes(der: Uint8Array): AnswerTimes | undefined {
  return guarded(() => {
    const response = readBer(der)
    const [status, wrapped] = childrenOf(response)
    if (response.raw.length !== der.length || integerOf(status) !== 0n) return undefined
    const octets = octetsOf(childrenOf(childrenOf(wrapped)[0])[1])
    if (octets === undefined) return undefined
    const data = childrenOf(childrenOf(readBer(octets))[0])
    const responses = data.find((field) => isUniversal(field, TAG.sequence))
    const single = childrenOf(childrenOf(responses)[0])
    const next = single.slice(3).find((field) => isContext(field, 0))
    return timesOf(dateOf(single[2]), dateOf(childrenOf(next)[0]))
  })
}

const timesOf = (thisUpdate?: Date, nextUpdate?: Date): AnswerTimes | undefined =>
  thisUpdate && { thisUpdate, ...(nextUpdate && { nextUpdate }) }

function guarded(read: () => AnswerTimes | undefined): AnswerTimes | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
