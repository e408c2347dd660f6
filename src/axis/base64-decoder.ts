/** Decodes base64 (RFC 4648 §4) that comes in pieces of any length. White space counts for nothing, as in MIME. */
export interface Base64Decoder {
  /** What can be decoded by now; undefined where the text is no base64. */
  push(text: string): Buffer | undefined
  /** The last bytes; undefined where the text ends in the middle of one. Padding may be left out altogether. */
  end(): Buffer | undefined
}

const ALPHABET = /^[A-Za-z0-9+/]*={0,2}$/

export function base64Decoder(): Base64Decoder {
  let rest = ''
  let padded = false
  return {
    push(text) {
      const tidy = /\s/.test(text) ? text.replace(/\s+/g, '') : text
      if (tidy === '') return Buffer.alloc(0)
      const all = rest + tidy
      if (padded || !ALPHABET.test(all)) return undefined
      const whole = all.length - (all.length % 4)
      rest = all.slice(whole)
      padded = rest === '' && all.endsWith('=')
      return Buffer.from(all.slice(0, whole), 'base64')
    },
    end() {
      if (rest === '') return Buffer.alloc(0)
      return rest.length === 1 || rest.endsWith('=') ? undefined : Buffer.from(rest, 'base64')
    },
  }
}
