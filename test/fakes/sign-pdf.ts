import { constants, sign } from 'node:crypto'
import { PDF, type Signer } from '@libpdf/core'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'

export interface PdfSignOptions {
  /** Claimed signing time; now unless told. */
  readonly time?: Date
  readonly reason?: string
  /** `adbe.pkcs7.detached` is what older signing software makes; PAdES is the default. */
  readonly subFilter?: 'ETSI.CAdES.detached' | 'adbe.pkcs7.detached'
}

/**
 * Signs a PDF by an incremental update: the bytes that were there stay as they are, so an earlier signature stays
 * intact over its own revision. RSA PKCS#1 v1.5 or ECDSA, SHA-256, as PAdES B-B.
 */
export async function signPdf(
  pdf: Uint8Array,
  key: SigningKey,
  options: PdfSignOptions = {},
): Promise<Uint8Array> {
  const document = await PDF.load(pdf)
  const { bytes } = await document.sign({
    signer: signerOf(key),
    signingTime: options.time ?? new Date(),
    subFilter: options.subFilter ?? 'ETSI.CAdES.detached',
    ...(options.reason !== undefined && { reason: options.reason }),
  })
  return bytes
}

function signerOf({ key, certificateChain }: SigningKey): Signer {
  const isRsa = key.asymmetricKeyType === 'rsa'
  const [own, ...above] = certificateChain.map(({ der }) => new Uint8Array(der))
  return {
    certificate: own!,
    certificateChain: above,
    keyType: isRsa ? 'RSA' : 'EC',
    signatureAlgorithm: isRsa ? 'RSASSA-PKCS1-v1_5' : 'ECDSA',
    sign: async (data, algorithm) => {
      const padding = isRsa ? { padding: constants.RSA_PKCS1_PADDING } : {}
      return new Uint8Array(sign(algorithm.replace('-', ''), data, { key, ...padding }))
    },
  }
}
