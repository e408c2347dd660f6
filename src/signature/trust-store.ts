import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from './x509/certificate.ts'
import { readCertificates } from './x509/pem.ts'

/** What an anchor is trusted for: signatures and seals, or timestamps. */
export type AnchorPurpose = 'signature' | 'timestamp'

export interface TrustAnchor {
  readonly certificate: Certificate
  readonly purposes: ReadonlySet<AnchorPurpose>
  /** When trust in it begins and ends: the operator's decision, apart from the certificate's own validity period. */
  readonly trustedFrom?: Date
  readonly trustedUntil?: Date
  readonly note?: string
}

export interface TrustStore {
  readonly anchors: readonly TrustAnchor[]
  /** Issuing CAs that signers leave out of their signatures. Help for building a path; not trusted by themselves. */
  readonly intermediates: readonly Certificate[]
}

/** What the verifier is told: whom to trust, and the time at which it judges. */
export interface VerifyContext {
  readonly trust: TrustStore
  readonly time: Date
}

export const EMPTY_TRUST: TrustStore = { anchors: [], intermediates: [] }

export const anchorsFor = (trust: TrustStore, purpose: AnchorPurpose): Certificate[] =>
  trust.anchors.filter((anchor) => anchor.purposes.has(purpose)).map((anchor) => anchor.certificate)

/** The folder that a certificate lies in says what it is for. */
const FOLDERS: Record<string, readonly AnchorPurpose[]> = {
  '.': ['signature'],
  signature: ['signature'],
  timestamp: ['timestamp'],
  intermediate: [],
}

const IS_CERTIFICATE = /\.(pem|crt|cer|der)$/i

/**
 * Reads a trust store: PEM or DER files in `<folder>` or `<folder>/signature` are anchors for signatures, those in
 * `<folder>/timestamp` for timestamps, those in `<folder>/intermediate` are issuing CAs without trust of their own.
 * @throws Error naming the file where one cannot be read: a gateway must not start with half of its anchors
 */
export async function loadTrustStore(folder: string): Promise<TrustStore> {
  const anchors: TrustAnchor[] = []
  const intermediates: Certificate[] = []
  for (const [name, purposes] of Object.entries(FOLDERS)) {
    for (const certificate of await certificatesIn(join(folder, name), name === '.')) {
      if (purposes.length === 0) intermediates.push(certificate)
      else anchors.push({ certificate, purposes: new Set(purposes) })
    }
  }
  return { anchors, intermediates }
}

async function certificatesIn(folder: string, mustExist: boolean): Promise<Certificate[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && !mustExist) return []
    throw error
  })
  const found: Certificate[] = []
  for (const name of names.filter((one) => IS_CERTIFICATE.test(one)).sort()) {
    const path = join(folder, name)
    try {
      found.push(...readCertificates(await readFile(path)))
    } catch (cause) {
      throw new Error(`cannot read the certificate file ${path}`, { cause })
    }
  }
  return found
}
