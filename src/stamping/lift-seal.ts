import { createHash } from 'node:crypto'
import { findDocument, listAttachments } from '../db/documents.ts'
import { databaseNow } from '../db/now.ts'
import { advanceSeal } from '../db/seal-dues.ts'
import { inTransaction } from '../db/transaction.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { sealedObjects } from '../domain/sealed-objects.ts'
import {
  archiveImprint,
  newestToken,
  signatureTimestampInput,
  withArchiveTimestamp,
  withSignatureTimestamp,
  withTimestampMaterial,
  withValidationData,
} from '../signature/seal/extend.ts'
import { sealCertificates } from '../signature/seal/parts.ts'
import { checkToken } from '../signature/timestamp/token.ts'
import { NO_MATERIAL, type ValidationMaterial } from '../signature/validation-material.ts'
import { mayAsk, type RevocationSource } from '../signature/x509/revocation.ts'
import { collectMaterial, MaterialMissing } from './collect-material.ts'
import { SealFault, type StampingDependencies } from './dependencies.ts'
import { lifted, type OpenSeal, openSeal, requireBlob } from './seal-bytes.ts'
import { storeLevel } from './store-level.ts'

/** One authority after the other may hang: the whole of it must end before a loop counts as stuck. */
const LONGEST_STAMP_MS = 45_000

const stampSignal = ({ signal }: StampingDependencies): AbortSignal => {
  const longest = AbortSignal.timeout(LONGEST_STAMP_MS)
  return signal === undefined ? longest : AbortSignal.any([signal, longest])
}

/**
 * B-T: puts a timestamp on a seal. Whoever dies in between has wasted a token.
 * @throws TsaUnavailable; SealFault; GatewayError of the store or the database
 */
export async function addTimestamp(deps: StampingDependencies, document: DocumentKey): Promise<void> {
  const seal = await openSeal(deps, document)
  // Wanted also while nobody may be asked: whoever is named later gets these seals as well.
  const wants = 'B-LT'
  if (seal.level !== 'B-B') return inTransaction(deps.pool, (db) => advanceSeal(db, document, wants))
  const imprint = createHash('sha256')
    .update(lifted(() => signatureTimestampInput(seal.xades)))
    .digest()
  const { token, genTime } = await deps.tsa.stamp(imprint, stampSignal(deps))
  const xades = lifted(() => withSignatureTimestamp(seal.xades, token))
  await storeLevel(deps, document, seal, { level: 'B-T', xades, genTime, wants })
}

/**
 * B-LT: adds what proves the certificates of seal and timestamp.
 * @throws MaterialMissing; SealFault; GatewayError of the store or the database
 */
export async function addValidationData(deps: StampingDependencies, document: DocumentKey): Promise<void> {
  const { revocation } = deps
  const seal = await openSeal(deps, document)
  if (seal.level !== 'B-T') return inTransaction(deps.pool, (db) => advanceSeal(db, document, null))
  if (!mayAsk(revocation)) throw nobodyToAsk()
  const time = await databaseNow(deps.pool)
  const [own, ...issuers] = lifted(() => sealCertificates(seal.xades))
  if (own === undefined) throw new SealFault('the seal has no certificate')
  const known = { ...NO_MATERIAL, certificates: issuers }
  const { trust } = deps
  const [ofSeal, ofTimestamp] = await Promise.all([
    collectMaterial({ certificate: own, purpose: 'signature', known, trust, time }, revocation),
    timestampMaterial(deps, revocation, seal, time),
  ])
  const xades = lifted(() => withValidationData(seal.xades, { seal: ofSeal, timestamp: ofTimestamp }))
  await storeLevel(deps, document, seal, { level: 'B-LT', xades, genTime: seal.genTime ?? time, wants: null })
}

/**
 * B-LTA: puts an archive timestamp over a seal, or a further one; what proves its certificates, or the authority of the
 * archive timestamp before it, is added first. Reads every byte of the document.
 * @throws TsaUnavailable, MaterialMissing; SealFault; GatewayError of the store or the database
 */
export async function addArchiveTimestamp(deps: StampingDependencies, document: DocumentKey): Promise<void> {
  const before = await openSeal(deps, document)
  if (before.level === 'B-B') throw new SealFault('the seal has no timestamp yet')
  if (before.level === 'B-T') await addValidationData(deps, document)
  const seal = before.level === 'B-T' ? await openSeal(deps, document) : before
  const proven = seal.level === 'B-LT' ? seal.xades : await withNewestProven(deps, seal)
  const objects = await sealedOctets(deps, document)
  const imprint = await archiveImprint(proven, objects).catch((error: unknown) => {
    throw error instanceof RangeError ? new SealFault(error.message, error) : error
  })
  const { token, genTime } = await deps.tsa.stamp(imprint, stampSignal(deps))
  const xades = lifted(() => withArchiveTimestamp(proven, token))
  await storeLevel(deps, document, seal, { level: 'B-LTA', xades, genTime, wants: null })
}

async function withNewestProven(deps: StampingDependencies, seal: OpenSeal): Promise<Uint8Array> {
  const { revocation } = deps
  if (!mayAsk(revocation)) throw nobodyToAsk()
  const material = await timestampMaterial(deps, revocation, seal, await databaseNow(deps.pool))
  return lifted(() => withTimestampMaterial(seal.xades, material))
}

const nobodyToAsk = (): MaterialMissing =>
  new MaterialMissing('nobody may be asked about certificates (TRAM_REVOCATION, TRAM_REVOCATION_HOSTS)')

async function timestampMaterial(
  { trust }: StampingDependencies,
  source: RevocationSource,
  { xades }: OpenSeal,
  time: Date,
): Promise<ValidationMaterial> {
  const token = lifted(() => newestToken(xades))
  if (token === undefined) throw new SealFault('the seal has no timestamp')
  const { tsa, material } = checkToken(token, 'signature', () => null)
  if (tsa === undefined) throw new SealFault('the timestamp names no certificate that is at hand')
  return collectMaterial({ certificate: tsa, purpose: 'timestamp', known: material, trust, time }, source)
}

/** The objects under the seal, in its order, from the store. */
async function sealedOctets({ pool, blobs }: StampingDependencies, key: DocumentKey) {
  const document = await findDocument(pool, key)
  if (document === undefined) throw new SealFault('the document is gone')
  const objects = sealedObjects(document.packetSha256, await listAttachments(pool, key))
  for (const { sha256 } of objects) await requireBlob(blobs, sha256)
  return objects.map(
    ({ sha256 }) =>
      () =>
        blobs.read(sha256) as AsyncIterable<Uint8Array>,
  )
}
