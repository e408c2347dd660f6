import { createHash } from 'node:crypto'
import { recordEvents } from '../audit/record-events.ts'
import { findSealingKey } from '../db/agency-keys.ts'
import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import { bytesSource } from '../signature/byte-source.ts'
import { checkPdf } from '../signature/formats/pades-file.ts'
import type { Appearance } from '../signature/pades-sign/appearance.ts'
import type { Stamp } from '../signature/pades-sign/cms.ts'
import { openPdf } from '../signature/pades-sign/open.ts'
import { unsealable } from '../signature/pades-sign/refusal.ts'
import { sealPdf } from '../signature/pades-sign/seal-pdf.ts'
import { signerName } from '../signature/x509/signer-kind.ts'
import type { KeyOpener, OpenAgencyKey } from './open-key.ts'
import { Turns } from './turns.ts'

export interface SealingDependencies {
  readonly pool: Pool
  /** Null where this gateway keeps no keys for agencies. */
  readonly openKey: KeyOpener | null
  /** Null where no time-stamping authority is known. */
  readonly stamp: Stamp | null
}

type SealAppearance = Extract<Appearance, { kind: 'seal' }>

/** How the seal is to show. */
export type Showing =
  | { readonly kind: 'seal'; readonly position?: NonNullable<SealAppearance['position']> }
  | Extract<Appearance, { kind: 'annex' | 'copy' | 'invisible' }>

export interface SealRequest {
  readonly agency: AgencyCode
  /** Client id. */
  readonly actor: string
  readonly pdf: Uint8Array
  readonly showing: Showing
  /** PAdES baseline level (ETSI EN 319 142-1 §6). */
  readonly level: 'B-B' | 'B-T'
}

export interface SealedPdf {
  readonly pdf: Uint8Array
  readonly certificateSha256: string
}

/** A file under work stands in memory several times; a time-stamping authority may keep it waiting. */
const turns = new Turns(8)

/**
 * Sets the seal of an agency, whose key lies here, on an outgoing PDF, and puts that on record.
 * @throws GatewayError `agency-key-missing`, `seal-key-unavailable`, `timestamping-unavailable`, `pdf-unsealable`
 */
export async function sealDocument(
  dependencies: SealingDependencies,
  request: SealRequest,
): Promise<SealedPdf> {
  const { pool, openKey } = dependencies
  const { agency, actor, level, showing } = request
  const record = await findSealingKey(pool, agency)
  if (openKey === null || record === undefined) throw new GatewayError('agency-key-missing')
  const stamp = level === 'B-B' ? null : stampOf(dependencies)
  const key = await openKey(pool, record)
  const pdf = await turns.take(async () => {
    await refuseBroken(request.pdf)
    return sealPdf(request.pdf, unavailableNamed(key.signer), {
      time: await databaseNow(pool),
      appearance: appearanceOf(showing, key, record.sealWidthMm),
      stamp,
      ...nameOf(key),
    })
  })
  await recordEvents(pool, [
    {
      kind: 'pdf-sealed',
      actor,
      agency,
      detail: {
        key: record.id,
        certificateSha256: record.certificateSha256,
        level,
        showing: showing.kind,
        before: digestOf(request.pdf),
        after: digestOf(pdf),
      },
    },
  ])
  return { pdf, certificateSha256: record.certificateSha256 }
}

function stampOf({ stamp }: SealingDependencies): Stamp {
  if (stamp === null) throw noTimestamp()
  return (digest) =>
    stamp(digest).catch((cause: unknown) => {
      throw noTimestamp(cause)
    })
}

const noTimestamp = (cause?: unknown): GatewayError =>
  new GatewayError('timestamping-unavailable', {
    cause,
    detail: {
      vi: 'Chưa lấy được dấu thời gian. Gửi lại sau, hoặc chọn level B-B (không có dấu thời gian).',
      en: 'No timestamp can be had. Send again later, or ask for level B-B, which has none.',
    },
  })

/** No seal is set on a document that was changed after somebody signed it. */
async function refuseBroken(pdf: Uint8Array): Promise<void> {
  const signatures = await checkPdf(bytesSource(pdf))
  const broken = signatures.find((one) => one.state === 'invalid' || one.modifiedAfterSigning === true)
  if (broken === undefined) return
  // Where a password was set after signing, that is what the sender has to undo: it is refused as encrypted.
  await openPdf(pdf)
  throw unsealable('pdf-signature-invalid', broken.id)
}

function appearanceOf(showing: Showing, { image }: OpenAgencyKey, widthMm: number | null): Appearance {
  if (showing.kind !== 'seal') return showing
  if (image === undefined || widthMm === null) throw unsealable('image-missing')
  return { ...showing, image, widthMm }
}

const nameOf = ({ signer }: OpenAgencyKey) => {
  const name = signerName(signer.certificateChain[0]!.subject)
  return name === undefined ? {} : { name }
}

const unavailableNamed = (signer: OpenAgencyKey['signer']): OpenAgencyKey['signer'] => ({
  ...signer,
  sign: (...args) =>
    signer.sign(...args).catch((cause: unknown) => {
      throw new GatewayError('seal-key-unavailable', { cause })
    }),
})

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
