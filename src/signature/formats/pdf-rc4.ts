/** RC4, which old encrypted PDFs use and OpenSSL has put away. It protects nothing; it is only read. */
export function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  const swap = (one: number, other: number) => {
    const kept = state[one]!
    state[one] = state[other]!
    state[other] = kept
  }
  for (let index = 0, other = 0; index < 256; index++) {
    other = (other + state[index]! + key[index % key.length]!) & 0xff
    swap(index, other)
  }
  const result = new Uint8Array(data.length)
  for (let at = 0, one = 0, other = 0; at < data.length; at++) {
    one = (one + 1) & 0xff
    other = (other + state[one]!) & 0xff
    swap(one, other)
    result[at] = data[at]! ^ state[(state[one]! + state[other]!) & 0xff]!
  }
  return result
}
