import type { KeyObject } from 'node:crypto'
import type { ByteSource } from '../signature/byte-source.ts'
import type { CheckedSignature } from '../signature/checks.ts'
import { checkFile } from '../signature/formats/index.ts'
import { EMPTY_TRUST, type TrustStore } from '../signature/trust-store.ts'
import type { Validation } from '../signature/validation/validate-signature.ts'
import { validateSignatures } from '../signature/validation/validate-signatures.ts'
import type { Certificate } from '../signature/x509/certificate.ts'
import { withFileSource, withFileSources } from './file-source.ts'
import { readBounded } from './read-bounded.ts'
import { isUnknownKey, readKey } from './read-key.ts'
import { type Indication, unknownKeyReport, type VerifyReport, verifyReport } from './verify-report.ts'

/** Far above any certificate. */
const MAX_KEY_BYTES = 1024 * 1024

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
  const { trust = EMPTY_TRUST, time } = given
  const validations = await validateSignatures(signatures, { trust, time })
  const indications = signatures.map((one, index) => indicate(one, validations[index]!))
  return verifyReport(kind ?? null, signatures, indications)
}

const indicate = ({ checks }: CheckedSignature, validation: Validation): Indication => ({
  indication: validation.indication,
  subIndication: validation.subIndication ?? null,
  checks: validation.checks.filter((one) => !checks.includes(one)),
})

export interface VerifyFiles {
  readonly file: string
  readonly detached: readonly (readonly [name: string, path: string])[]
  readonly key?: string
  readonly trust?: TrustStore
  readonly time: Date
}

/** @throws UsageError for a key that is none; what node:fs throws */
export async function verifyFiles({ file, detached, key, trust, time }: VerifyFiles): Promise<VerifyReport> {
  const only =
    key === undefined ? undefined : readKey((await readBounded(key, MAX_KEY_BYTES)) ?? Buffer.alloc(0), key)
  if (only !== undefined && isUnknownKey(only)) return unknownKeyReport(only.algorithmOid)
  const given = {
    time,
    ...(only === undefined ? {} : { key: only }),
    ...(trust === undefined ? {} : { trust }),
  }
  return withFileSource(file, (content) =>
    withFileSources(detached, (sources) => verifyContent(content, { ...given, detached: sources })),
  )
}
