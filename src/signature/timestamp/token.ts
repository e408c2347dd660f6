import type { SignatureCheck } from '../../domain/signature-report.ts'
import { HASHES, type HashName } from '../algorithms.ts'
import { type CheckedSignature, failed, passed, unverifiable } from '../checks.ts'
import { childrenOf, isUniversal, oidOf, readBer, TAG } from '../formats/ber.ts'
import { takeUnsignedValues } from '../formats/cades-values.ts'
import { checkingCms } from '../formats/cms-checking.ts'
import { contentInMemory } from '../formats/cms-content.ts'
import { noEvidence, noteEvidence, takeRevocations } from '../formats/cms-evidence.ts'
import { checkSignerInfo } from '../formats/cms-signer.ts'
import { readSignedData, type SignedData } from '../formats/cms-structure.ts'
import type { Certificate } from '../x509/certificate.ts'
import { parseCertificates } from '../x509/certificate.ts'
import type { CheckedTimestamp, TimestampKind } from './checked-timestamp.ts'
import { readTstInfo, type TstInfo } from './tst-info.ts'

const TST_INFO = '1.2.840.113549.1.9.16.1.4'
/** A TSA's chain has a handful. */
const MAX_CERTIFICATES = 50
/** PKIStatus `granted` and `grantedWithMods` (RFC 3161 §2.4.2). */
const GRANTED = new Set([0, 1])

export interface OpenToken {
  readonly data: SignedData
  readonly info: TstInfo
  /** The bare TimeStampToken. */
  readonly der: Uint8Array
}

/**
 * Reads a TimeStampToken, bare or inside a TimeStampResp (RFC 3161 §2.4.2). Zero octets may follow: a PDF pads.
 * @throws Error where it is none
 */
export function openToken(bytes: Uint8Array): OpenToken {
  const outer = readBer(bytes)
  if (bytes.subarray(outer.raw.length).some((byte) => byte !== 0)) throw new Error('trailing bytes')
  const der = tokenOf(outer.raw)
  const data = readSignedData(der)
  if (data.contentType !== TST_INFO) throw new Error(`eContentType ${data.contentType}`)
  if (data.content === undefined) throw new Error('no TSTInfo')
  if (data.signers.length !== 1) throw new Error(`${data.signers.length} signers`)
  return { data, info: readTstInfo(data.content), der }
}

/** TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken OPTIONAL }. */
function tokenOf(bytes: Uint8Array): Uint8Array {
  const [first, second, ...rest] = childrenOf(readBer(bytes))
  if (oidOf(first) !== undefined) return bytes
  const [status] = childrenOf(isUniversal(first, TAG.sequence) ? first : undefined)
  if (!isUniversal(status, TAG.integer) || rest.length > 0) throw new Error('no TimeStampToken')
  const code = status.content.length === 1 ? status.content[0]! : 0xff
  if (!GRANTED.has(code)) throw new Error(`PKIStatus ${code}`)
  if (second === undefined) throw new Error('no TimeStampToken')
  return second.raw
}

/** What a token stands over, so that large data can be digested in a stream; undefined where it cannot be read. */
export function tokenImprint(der: Uint8Array): { hash: HashName; digest: Buffer } | undefined {
  try {
    const { hash, digest } = openToken(der).info.imprint
    return hash && { hash, digest }
  } catch {
    return undefined
  }
}

/**
 * Checks a timestamp token (RFC 3161 §2.2, RFC 5816): that it is one, that its one signer signed what it says and
 * named its certificate, and that its imprint is of what it should stand over. Whether the TSA is trusted, and whether
 * its certificate is for timestamps, is a matter of its path. Nothing is thrown for what the bytes hold.
 * @param imprintOf the digest of what the token should stand over; null where that is not at hand
 * @param outside certificates that came with the signature, for a token that carries none
 */
export function checkToken(
  der: Uint8Array,
  kind: TimestampKind,
  imprintOf: (hash: HashName) => Uint8Array | null,
  outside: readonly Certificate[] = [],
): CheckedTimestamp {
  let opened: OpenToken | undefined
  const checked = checkingCms('cms', (notes) => {
    opened = opening(der)
    const { data } = opened
    const evidence = noEvidence()
    takeRevocations(data.revocations, evidence)
    takeUnsignedValues(data.signers[0]!.unsignedAttributes, evidence)
    notes.embedded = parseCertificates(data.certificates.slice(0, MAX_CERTIFICATES))
    noteEvidence(notes, evidence)
    const certificates = [...notes.embedded, ...outside]
    const context = { contentType: TST_INFO, content: contentInMemory(data.content!), certificates }
    checkSignerInfo(data.signers[0]!, context, notes)
    // RFC 3161 §2.4.2: the certificate identifier must be a signed attribute.
    if (!notes.checks.some(({ check }) => check === 'signing-certificate'))
      throw unverifiable('signing-certificate', 'attribute-missing', 'signing-certificate')
  })
  return told(der, kind, checked, opened, imprintOf)
}

function opening(der: Uint8Array): OpenToken {
  try {
    return openToken(der)
  } catch (error) {
    throw unverifiable('form', 'cms-unreadable', error instanceof Error ? error.message : undefined)
  }
}

function told(
  der: Uint8Array,
  kind: TimestampKind,
  checked: CheckedSignature,
  opened: OpenToken | undefined,
  imprintOf: (hash: HashName) => Uint8Array | null,
): CheckedTimestamp {
  const imprint = opened?.info.imprint
  const match = imprint && imprintMatches(imprint, imprintOf)
  return {
    kind,
    genTime: opened?.info.genTime,
    accuracy: opened?.info.accuracy ?? 0,
    imprintMatch: match ?? null,
    intact: checked.state === 'valid' && checked.valueIntact === true,
    material: checked.material,
    strong: checked.strong && imprint?.hash !== undefined && !HASHES[imprint.hash].weak,
    checks: [...checked.checks, ...imprintChecks(opened, match ?? null)],
    der: opened?.der ?? der,
    ...(checked.signer && { tsa: checked.signer }),
    ...(opened && { policyOid: opened.info.policyOid, serial: String(opened.info.serial) }),
    ...(imprint && { imprintAlgorithm: imprint.hash ?? imprint.hashOid }),
    ...(checked.digestAlgorithm && { digestAlgorithm: checked.digestAlgorithm }),
    ...(checked.signatureAlgorithm && { signatureAlgorithm: checked.signatureAlgorithm }),
  }
}

function imprintMatches(
  { hash, digest }: TstInfo['imprint'],
  imprintOf: (hash: HashName) => Uint8Array | null,
): boolean | null {
  const found = hash === undefined ? null : imprintOf(hash)
  return found === null ? null : digest.equals(found)
}

function imprintChecks(opened: OpenToken | undefined, match: boolean | null): SignatureCheck[] {
  if (opened === undefined) return []
  const { hash, hashOid } = opened.info.imprint
  if (hash === undefined) return [failed('algorithm', 'algorithm-refused', hashOid)]
  if (match === null) return []
  return [match ? passed('timestamp') : failed('timestamp', 'digest-mismatch')]
}
