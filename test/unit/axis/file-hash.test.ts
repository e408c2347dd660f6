import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { packetOfBody, unpaddedHash } from '../../../src/axis/file-hash.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'
import { chunked } from '../edxml/vectors.ts'
import { captures } from './captures.ts'

const captured = captures()
const skip = captured === undefined && 'no captures beside the project'

const hashOf = (bytes: Uint8Array) => sha256(createHash('sha256').update(bytes).digest('hex'))
const CRLF = Buffer.from('\r\n')

async function packet(body: Uint8Array, hashFile: string, ...cuts: number[]): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of packetOfBody(chunked(body, ...cuts), hashFile))
    pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}

t.test('a digest is printed without the zero of single digits', async (t) => {
  const digest = sha256(`0f00a00b${'10'.repeat(28)}`)
  t.equal(unpaddedHash(digest), `f0a0b${'10'.repeat(28)}`)
  for (const { name, hashFile } of captured?.requests ?? []) {
    if (hashFile) t.equal(unpaddedHash(sha256(hashFile.paddedHex)), hashFile.unpaddedHex, name)
  }
})

t.test('captured files come out without what the client appends', { skip }, async (t) => {
  const sent = captured?.requests.filter(({ hashFile }) => hashFile) ?? []
  t.equal(sent.length, 3)
  for (const { name, body, hashFile } of sent) {
    for (const hash of [hashFile?.paddedHex ?? '', hashFile?.unpaddedHex ?? '']) {
      const file = await packet(body, hash, 1, 2, 900)
      t.equal(file.length, body.length - 2, name)
      t.equal(hashOf(file), hashFile?.paddedHex, name)
    }
    await t.rejects(packet(body.subarray(1), hashFile?.unpaddedHex ?? ''), { code: 'packet-hash-differs' })
  }
})

t.test('the hash decides what the packet is, however the body is cut', async () => {
  const bytes = fc.uint8Array({ maxLength: 40 })
  const ending = fc.constantFrom('', '\r', '\n', '\r\n', '\r\n\r\n', '\n\r\n')
  const cuts = fc.array(fc.nat({ max: 45 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      bytes,
      ending,
      fc.boolean(),
      fc.boolean(),
      cuts,
      async (start, end, appends, pads, at) => {
        const file = Buffer.concat([start, Buffer.from(end)])
        const body = appends ? Buffer.concat([file, CRLF]) : file
        const hash = pads ? hashOf(file) : unpaddedHash(hashOf(file))
        return (await packet(body, hash.toUpperCase(), ...at)).equals(file)
      },
    ),
    { numRuns: 300 },
  )
})

t.test('a body whose hash is another’s is refused at its end', async (t) => {
  const file = Buffer.from('<edXML/>')
  for (const body of [
    Buffer.from(''),
    Buffer.from('<edXML/'),
    Buffer.from('<edXML/>\n'),
    Buffer.from('<edXML/>\r\n\r\n'),
    Buffer.from('<edXML/>xx'),
    Buffer.from('<edXML/>x\n'),
    Buffer.from('<edXML/>\rx'),
  ]) {
    await t.rejects(packet(body, hashOf(file)), { code: 'packet-hash-differs' }, String(body))
  }
  for (const hash of ['', 'x', hashOf(file).slice(1), `${hashOf(file)}0`]) {
    await t.rejects(packet(file, hash), { code: 'packet-hash-differs' }, hash)
  }
  t.same(await packet(Buffer.concat([file, CRLF]), hashOf(file)), file)
})
