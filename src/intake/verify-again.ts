import { buffer } from 'node:stream/consumers'
import type { BlobStore } from '../blobs/store.ts'
import { type DocumentRecord, findDocument, listAttachments } from '../db/documents.ts'
import type { Pool } from '../db/pool.ts'
import { currentSeal } from '../db/seal-levels.ts'
import { findEvidence } from '../db/signature-evidence.ts'
import type { RegistryHolder } from '../directory/snapshot/holder.ts'
import { senderNames } from '../directory/snapshot/sender-names.ts'
import type { Attachment } from '../domain/envelope.ts'
import type { DocumentKey } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { sealedObjects } from '../domain/sealed-objects.ts'
import {
  hasFailed,
  type LegalValue,
  legalValueOf,
  type SignatureFinding,
  type SignatureReport,
  withSenderCheck,
} from '../domain/signature-report.ts'
import { vietnamDay } from '../domain/vietnam-time.ts'
import type { PolicyFor } from '../signature/policy/load-policies.ts'
import type { TrustStore } from '../signature/trust-store.ts'
import type { Proof, ValidationContext } from '../signature/validation/context.ts'
import { evidenceFrom } from '../signature/validation/evidence-items.ts'
import { verifyGivenSeal, verifySeal } from '../signature/verify-seal.ts'
import { NO_REVOCATION_SOURCE, type RevocationSource } from '../signature/x509/revocation.ts'
import { checkContents } from './check-contents.ts'
import { GATEWAY_SEAL } from './gateway-seal.ts'
import { byteSource } from './readable-attachments.ts'
import { documentTypeOf } from './verify-signatures.ts'

export interface VerifyAgainDependencies {
  readonly pool: Pool
  readonly blobs: BlobStore
  /** The directory as it is known now: who the sender was, and what was registered for whom, on the day of acceptance. */
  readonly registry: Pick<RegistryHolder, 'upToDate'>
  readonly trust: TrustStore
  readonly policyFor: PolicyFor
  /** Bytes that may come out of the zips of one packet, all together. */
  readonly most: number
}

export interface VerifiedAgain {
  /** The time as of which it was judged. */
  readonly time: Date
  readonly report: SignatureReport
  readonly legalValue: LegalValue
  /** What was found at intake. */
  readonly atIntake: { readonly report: SignatureReport; readonly legalValue: LegalValue }
  /** Whether every signature is what it was at intake. */
  readonly same: boolean
}

/**
 * Verifies a stored document again, from stored bytes and stored evidence alone: nobody is asked.
 * @param time when it is judged; the time of its intake unless given
 * @throws GatewayError `not-found`; `storage-unavailable` where bytes are gone
 */
export async function verifyAgain(
  dependencies: VerifyAgainDependencies,
  key: DocumentKey,
  time?: Date,
): Promise<VerifiedAgain> {
  const { pool, blobs, trust, policyFor, most } = dependencies
  const document = await findDocument(pool, key)
  if (document === undefined) throw new GatewayError('not-found')
  const { signatureReport: earlier, envelope, acceptedAt } = document
  const at = time ?? new Date(earlier.checkedAt)
  const attachments = await listAttachments(pool, key)
  const policy = policyFor(documentTypeOf(envelope))
  const context = {
    trust,
    time: at,
    policy,
    revocation: earlier.revocationAsked === true ? NOBODY_ANSWERS : NO_REVOCATION_SOURCE,
    kept: {
      evidence: evidenceFrom(await findEvidence(pool, key)),
      since: acceptedAt < at ? acceptedAt : at,
    },
    proofs: await proofsOf(dependencies, document, attachments, at),
  }
  const { findings, envelope: state } = await checkContents(
    {
      kept: blobs,
      packet: { sha256: document.packetSha256, length: document.packetLength },
      attachments,
    },
    { blobs, most },
    context,
  )
  const gatewaySeal = await verifyGatewaySeal(blobs, document, attachments, context)
  const { directory } = await dependencies.registry.upToDate(pool)
  const sender = senderNames(directory, document.sender, vietnamDay(acceptedAt))
  const report: SignatureReport = {
    envelope: state,
    findings: findings.map((finding) => withSenderCheck(finding, sender)),
    ...(gatewaySeal && { gatewaySeal }),
    checkedAt: at.toISOString(),
    policy: policy.id,
    revocationAsked: earlier.revocationAsked === true,
  }
  const contentIds = attachments.map(({ contentId }) => contentId)
  return {
    time: at,
    report,
    legalValue: legalValueOf(report, contentIds, sender),
    atIntake: { report: earlier, legalValue: document.legalValue },
    same: outline(report) === outline(earlier),
  }
}

/** It was asked at intake; what it said is among the evidence. */
const NOBODY_ANSWERS: RevocationSource = { ...NO_REVOCATION_SOURCE }

/** The seal with which another gateway brought the packet; undefined where there is none. */
async function verifyGatewaySeal(
  blobs: BlobStore,
  { gatewaySeal, packetSha256 }: DocumentRecord,
  attachments: readonly Attachment[],
  context: ValidationContext,
): Promise<SignatureFinding | undefined> {
  if (gatewaySeal === null) return undefined
  const xml = await buffer(blobs.read(gatewaySeal))
  const objects = sealedObjects(packetSha256, attachments)
  return (await verifyGivenSeal(GATEWAY_SEAL, xml, objects, context)).findings[0]
}

/**
 * The gateway's seal names packet and attachments by their digests, and its timestamps stand over the seal: so they
 * prove that all of it was there.
 */
async function proofsOf(
  { pool, blobs, trust }: VerifyAgainDependencies,
  { key, packetSha256, packetLength }: DocumentRecord,
  attachments: readonly Attachment[],
  time: Date,
): Promise<Proof[]> {
  const seal = await currentSeal(pool, key)
  if (seal === undefined || seal.genTime === null) return []
  const xml = await buffer(blobs.read(seal.sha256))
  const objects = sealedObjects(packetSha256, attachments)
  const lengths = [packetLength, ...attachments.map(({ length }) => length)]
  const contents = objects.map(({ sha256 }, index) => byteSource(blobs, { sha256, length: lengths[index]! }))
  const findings = await verifySeal(xml, objects, { trust, time }, contents)
  return findings
    .filter((finding) => finding.state === 'valid' && !hasFailed(finding, 'whole-document'))
    .flatMap(({ timestamps = [] }) => timestamps)
    .filter(({ kind, trust }) => kind !== 'content' && trust === 'trusted')
    .flatMap(({ genTime }) => (genTime === undefined ? [] : [{ time: new Date(genTime), source: SEAL }]))
}

const SEAL = {
  vi: 'dấu thời gian trên con dấu của trục liên thông',
  en: "a timestamp over the gateway's seal",
}

const outline = ({ findings, gatewaySeal }: SignatureReport): string =>
  JSON.stringify(
    [...findings, ...(gatewaySeal === undefined ? [] : [gatewaySeal])].map(
      ({ where, state, trust, indication, subIndication }) => [
        where,
        state,
        trust,
        indication,
        subIndication,
      ],
    ),
  )
