import { createPublicKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ByteSource } from '../signature/byte-source.ts'
import type { CheckedSignature } from '../signature/checks.ts'
import { toFinding } from '../signature/finding.ts'
import { checkFile } from '../signature/formats/index.ts'
import { EMPTY_TRUST, type TrustStore } from '../signature/trust-store.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { readCertificates } from '../signature/x509/pem.ts'
import { withFileSource, withFileSources } from './file-source.ts'
import { UsageError } from './usage-error.ts'
import { type Indication, type VerifyReport, verifyReport } from './verify-report.ts'

export interface VerifyGiven {
  readonly detached: ReadonlyMap<string, ByteSource>
  /** The only key that counts, whatever the file says of its signer. */
  readonly key?: KeyObject | Certificate
  readonly trust?: TrustStore
  readonly time: Date
}

/** Verifies the signatures of one file. No I/O but by the sources; nothing is thrown for what the bytes hold. */
export async function verifyContent(content: ByteSource, given: VerifyGiven): Promise<VerifyReport> {
  const { kind, signatures } = await checkFile(content, given)
  const indications = signatures.map((one) => indicate(one, given))
  return verifyReport(kind ?? null, signatures, indications)
}

function indicate(checked: CheckedSignature, { trust = EMPTY_TRUST, time }: VerifyGiven): Indication {
  if (checked.state === 'invalid') return { indication: 'TOTAL_FAILED', subIndication: 'SIG_CRYPTO_FAILURE' }
  const finding = toFinding('', checked, { trust, time })
  if (finding.trust === 'trusted') return { indication: 'TOTAL_PASSED', subIndication: null }
  return { indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' }
}

export interface VerifyFiles {
  readonly file: string
  readonly detached: readonly (readonly [name: string, path: string])[]
  readonly key?: string
  readonly trust?: TrustStore
  readonly time: Date
}

/** @throws UsageError for a key that is none; what node:fs throws */
export async function verifyFiles({ file, detached, key, trust, time }: VerifyFiles): Promise<VerifyReport> {
  const given = {
    time,
    ...(key === undefined ? {} : { key: readKey(await readFile(key), key) }),
    ...(trust === undefined ? {} : { trust }),
  }
  return withFileSource(file, (content) =>
    withFileSources(detached, (sources) => verifyContent(content, { ...given, detached: sources })),
  )
}

/**
 * A certificate or a bare public key (SubjectPublicKeyInfo), PEM or DER.
 * @throws UsageError where it is neither
 */
export function readKey(bytes: Uint8Array, name: string): KeyObject | Certificate {
  try {
    return readCertificates(bytes)[0]!
  } catch {
    try {
      const key = Buffer.from(bytes)
      return createPublicKey(key[0] === 0x30 ? { key, format: 'der', type: 'spki' } : key)
    } catch {
      throw new UsageError(`${name} is neither a certificate nor a public key`)
    }
  }
}
