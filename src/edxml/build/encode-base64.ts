/** Base64 (RFC 4648 §4) without line breaks, as it arrives; groups of three bytes span chunks. */
export async function* encodeBase64(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let carry = Buffer.alloc(0)
  for await (const chunk of content) {
    const bytes = Buffer.concat([carry, chunk])
    const whole = bytes.length - (bytes.length % 3)
    carry = Buffer.from(bytes.subarray(whole))
    if (whole > 0) yield Buffer.from(bytes.toString('base64', 0, whole))
  }
  if (carry.length > 0) yield Buffer.from(carry.toString('base64'))
}
