import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { SigningKey } from '../../src/signature/keys/signing-key.ts'
import { signDigest } from './sign-digest.ts'

const BLOCK = Buffer.alloc(1024 * 1024, 'Công văn số 12/UBND-VP. ')
const CONTENTS_DIGITS = 16_384

/** Writes to a file and into a hash together. */
async function writeHashed(file: FileHandle, hash: Hash, piece: Buffer): Promise<void> {
  await file.writeFile(piece)
  hash.update(piece)
}

async function writeBlocks(file: FileHandle, hash: Hash, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= BLOCK.length)
    await writeHashed(file, hash, BLOCK.subarray(0, Math.min(left, BLOCK.length)))
}

/** A PDF of one page whose content stream is long, signed by adbe.pkcs7.detached, written piece by piece. */
export async function writeLargePdf(path: string, bytes: number, key: SigningKey): Promise<void> {
  const file = await open(path, 'w')
  const hash = createHash('sha256')
  const offsets: number[] = []
  let length = 0
  const write = async (piece: Buffer | string) => {
    const octets = Buffer.from(piece as string)
    await writeHashed(file, hash, octets)
    length += octets.length
  }
  const object = async (number: number, body: string) => {
    offsets[number] = length
    await write(`${number} 0 obj\n${body}\nendobj\n`)
  }
  await write('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n')
  await object(1, '<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /SigFlags 3 >> >>')
  await object(2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>')
  await object(
    3,
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents 4 0 R /Annots [5 0 R] >>',
  )
  offsets[4] = length
  await write(`4 0 obj\n<< /Length ${bytes} >>\nstream\n`)
  await writeBlocks(file, hash, bytes)
  length += bytes
  await write('\nendstream\nendobj\n')
  await object(
    5,
    '<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /Rect [0 0 0 0] /F 132 /P 3 0 R /V 6 0 R >>',
  )
  offsets[6] = length
  const dictionary =
    '6 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange '
  // The ByteRange holds its own position: its digits have a fixed width.
  const before = length + dictionary.length + 45 + ' /Contents '.length
  const after = before + CONTENTS_DIGITS + 2
  const tail = trailerOf(offsets, after)
  const range = `[0 ${before} ${after} ${tail.length}]`.padEnd(45)
  await write(`${dictionary}${range} /Contents `)
  const place = length
  hash.update(tail)
  const cms = await signDigest(hash.digest(), key)
  await file.writeFile(`<${Buffer.from(cms).toString('hex').padEnd(CONTENTS_DIGITS, '0')}>${tail}`)
  if (place !== before) throw new Error('the ByteRange is not where it says')
  await file.close()
}

function trailerOf(offsets: readonly number[], start: number): string {
  const end = ' >>\nendobj\n'
  const rows = offsets.slice(1).map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`)
  return (
    `${end}xref\n0 ${offsets.length}\n0000000000 65535 f \n${rows.join('')}` +
    `trailer\n<< /Size ${offsets.length} /Root 1 0 R >>\nstartxref\n${start + end.length}\n%%EOF\n`
  )
}

/** A long file and a CMS signature over it that lies outside. */
export async function writeLargeDetached(
  path: string,
  signaturePath: string,
  bytes: number,
  key: SigningKey,
): Promise<void> {
  const file = await open(path, 'w')
  const hash = createHash('sha256')
  await writeBlocks(file, hash, bytes)
  await file.close()
  const signature = await open(signaturePath, 'w')
  await signature.writeFile(await signDigest(hash.digest(), key))
  await signature.close()
}
