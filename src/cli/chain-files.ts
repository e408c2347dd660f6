import { type Certificate, parseCertificates } from '../signature/x509/certificate.ts'
import { isCertificateBlock, type PemBlock, pemBlocks } from '../signature/x509/pem.ts'
import { readBounded } from './read-bounded.ts'
import { UsageError } from './usage-error.ts'

/**
 * The certificates of PEM or DER files. Of a file that tells `CA CERTIFICATE` from `CERTIFICATE`, a leaf is the latter
 * and an anchor the former. What cannot be read is left out.
 */
export async function certificatesIn(
  files: readonly string[],
  role: 'leaf' | 'anchor' | 'untrusted',
): Promise<Certificate[]> {
  const found: Certificate[] = []
  for (const file of files) {
    const blocks = (await blocksIn([file])).filter((one) => one.label === '' || isCertificateBlock(one))
    const [authorities, others] = [blocks.filter(isAuthority), blocks.filter((one) => !isAuthority(one))]
    const mixed = authorities.length > 0 && others.length > 0
    const mine = mixed && role !== 'untrusted' ? (role === 'leaf' ? others : authorities) : blocks
    found.push(...parseCertificates(mine.map(({ der }) => der)))
  }
  return found
}

const isAuthority = ({ label }: PemBlock): boolean => label.startsWith('CA ')

/** PEM blocks; DER and bare base64 are one block without a label. A name that begins as PEM is the text itself. */
export async function blocksIn(files: readonly string[]): Promise<PemBlock[]> {
  const found: PemBlock[] = []
  for (const file of files) {
    const bytes = file.startsWith('-----BEGIN ') ? Buffer.from(file) : await read(file)
    const text = bytes.subarray(0, 64).toString('latin1')
    if (/^MI[A-Za-z0-9+/\s]/.test(text))
      found.push({ label: '', der: Buffer.from(bytes.toString('latin1'), 'base64') })
    else if (bytes[0] === 0x30) found.push({ label: '', der: bytes })
    else found.push(...pemBlocks(bytes))
  }
  return found
}

/** The largest CRLs of public authorities have some tens of megabytes. */
const MAX_FILE_BYTES = 128 * 1024 * 1024

async function read(file: string): Promise<Buffer> {
  const bytes = await readBounded(file, MAX_FILE_BYTES).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file}: ${error.code ?? error.message}`)
  })
  if (bytes === undefined) throw new UsageError(`${file}: more than ${MAX_FILE_BYTES} bytes`)
  return bytes
}
