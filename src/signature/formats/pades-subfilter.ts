import { constants, KeyObject, publicDecrypt } from 'node:crypto'
import { fitsStream, HASHES, type HashName, hashByOid, isStrong, keyFits } from '../algorithms.ts'
import {
  type CheckedSignature,
  checking,
  failed,
  invalid,
  type Notes,
  noteInvalid,
  passed,
  unverifiable,
} from '../checks.ts'
import { parseCertificates } from '../x509/certificate.ts'
import { childrenOf, octetsOf, oidOf, readBer } from './ber.ts'
import { type CmsOptions, type Content, checkCms, openCms } from './cms.ts'
import type { PdfSignature } from './pades-dictionary.ts'
import { checkDocumentTimestamp, type DocumentTimestamp, digestOf } from './pades-timestamp.ts'
import { isArray, type PdfValue } from './pdf-syntax.ts'

/** What one signature dictionary holds: the signers of its CMS, or a timestamp. */
export interface CheckedContents {
  readonly signatures: readonly CheckedSignature[]
  readonly timestamp?: DocumentTimestamp
}

type CheckContents = (
  signature: PdfSignature,
  covered: Content,
  options: CmsOptions,
) => Promise<CheckedContents>

/** How the value in /Contents stands over the covered bytes (ISO 32000-2 table 255, EN 319 142-1 §5.4.1). */
const SUBFILTERS: Readonly<Record<string, CheckContents>> = {
  'adbe.pkcs7.detached': checkDetached,
  'ETSI.CAdES.detached': checkDetached,
  'adbe.pkcs7.sha1': checkSha1,
  'adbe.x509.rsa_sha1': checkBareRsa,
  'ETSI.RFC3161': checkTimestamp,
}

/** Checks what /Contents holds by its /SubFilter. @throws SignatureStop */
export function checkContents(
  signature: PdfSignature,
  covered: Content,
  options: CmsOptions,
): Promise<CheckedContents> {
  const { subFilter = '—' } = signature
  const check = Object.hasOwn(SUBFILTERS, subFilter) ? SUBFILTERS[subFilter] : undefined
  if (check === undefined) throw unverifiable('form', 'subfilter-unsupported', subFilter)
  return check(signature, covered, options)
}

async function checkDetached(
  { contents }: PdfSignature,
  covered: Content,
  options: CmsOptions,
): Promise<CheckedContents> {
  const data = openCms(contents)
  // Content inside the CMS would be checked in place of the file's bytes.
  if (data.isAttached) throw unverifiable('form', 'signature-malformed', 'eContent')
  return { signatures: await checkCms('pades', data, covered, options) }
}

/** The content inside the CMS is the SHA-1 of the covered bytes. */
async function checkSha1(
  { contents }: PdfSignature,
  covered: Content,
  options: CmsOptions,
): Promise<CheckedContents> {
  const data = openCms(contents)
  if (data.content === undefined) throw unverifiable('form', 'signature-malformed', 'eContent')
  const isIntact = (await digestOf(covered, 'sha1')).equals(data.content)
  const check = isIntact ? passed('reference') : failed('reference', 'digest-mismatch')
  const checked = await checkCms('pades', data, undefined, options)
  const signatures = checked.map((one): CheckedSignature => {
    if (one.counterSignature === true) return one
    const state = isIntact || one.state === 'unverifiable' ? one.state : 'invalid'
    const references = [{ uri: 'ByteRange', intact: isIntact }]
    return { ...one, strong: false, state, references, checks: [...one.checks, check] }
  })
  return { signatures }
}

async function checkTimestamp({ contents }: PdfSignature, covered: Content): Promise<CheckedContents> {
  const timestamp = await checkDocumentTimestamp(contents, covered)
  return { signatures: [timestamp.signature], timestamp }
}

/** A PKCS #1 value with the certificates beside it (ISO 32000-2 §12.8.3.2). */
async function checkBareRsa(
  signature: PdfSignature,
  covered: Content,
  { key }: CmsOptions,
): Promise<CheckedContents> {
  const checked = await checking('pades', async (notes) => {
    const value = pkcs1Value(signature.contents)
    notes.embedded = [...parseCertificates(certificatesOf(signature.dict.get('/Cert')))]
    if (key instanceof KeyObject) return checkRsaValue(value, key, covered, notes)
    const certificate = key ?? notes.embedded[0]
    if (certificate === undefined) throw unverifiable('signing-certificate', 'certificate-missing')
    notes.signer = certificate
    await checkRsaValue(value, certificate.publicKey, covered, notes)
  })
  return { signatures: [checked] }
}

async function checkRsaValue(
  value: Buffer,
  publicKey: KeyObject,
  covered: Content,
  notes: Notes,
): Promise<void> {
  notes.value = value
  const hash = namedHash(publicKey, value)
  if (hash === undefined) throw invalid('signature-value', 'value-mismatch')
  const algorithm = { family: 'rsa', hash } as const
  notes.digestAlgorithm = hash
  notes.signatureAlgorithm = `rsa-${hash}`
  if (!keyFits(algorithm, publicKey)) throw unverifiable('algorithm', 'key-mismatch', `rsa-${hash}`)
  if (HASHES[hash].weak || !isStrong(algorithm, publicKey)) notes.strong = false
  notes.valueIntact = await fitsStream(algorithm, publicKey, covered(), value)
  notes.references = [{ uri: 'ByteRange', intact: notes.valueIntact }]
  if (notes.valueIntact) notes.checks.push(passed('signature-value'))
  else noteInvalid(notes, failed('signature-value', 'value-mismatch'))
}

function certificatesOf(value: PdfValue | undefined): Buffer[] {
  const list = isArray(value) ? value.slice(0, 16) : [value]
  return list.flatMap((one) =>
    typeof one === 'string' && one.startsWith('(') ? [Buffer.from(one.slice(1), 'latin1')] : [],
  )
}

/** /Contents is a DER OCTET STRING here. */
function pkcs1Value(contents: Uint8Array): Buffer {
  const value = read(() => octetsOf(readBer(contents)))
  if (value === undefined) throw unverifiable('form', 'signature-malformed', 'PKCS #1')
  return Buffer.from(value)
}

/** The hash that the value names in its DigestInfo; whether it fits is checked afterwards, strictly. */
function namedHash(key: KeyObject, value: Uint8Array): HashName | undefined {
  return read(() => {
    const info = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, value)
    const [algorithm] = childrenOf(readBer(info))
    return hashByOid(oidOf(childrenOf(algorithm)[0]) ?? '')
  })
}

function read<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
