import * as asn1js from 'asn1js'
import * as pkijs from 'pkijs'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import { tokenOver } from './fake-tsa.ts'

const SIGNATURE_TIMESTAMP = '1.2.840.113549.1.9.16.2.14'

/** Adds a signature-time-stamp to a CMS signature (EN 319 122-1 §5.3): CAdES-B-B becomes B-T. DER. */
export function stampCms(der: Uint8Array, tsa: SigningKey, genTime?: Date): Uint8Array {
  const info = pkijs.ContentInfo.fromBER(new Uint8Array(der))
  const data = new pkijs.SignedData({ schema: info.content })
  const signer = data.signerInfos[0]!
  const value = signer.signature.valueBlock.valueHexView
  const token = tokenOver(value, tsa, genTime === undefined ? {} : { genTime })
  const attribute = new pkijs.Attribute({
    type: SIGNATURE_TIMESTAMP,
    values: [asn1js.fromBER(new Uint8Array(token)).result],
  })
  signer.unsignedAttrs = new pkijs.SignedAndUnsignedAttributes({ type: 1, attributes: [attribute] })
  info.content = data.toSchema(true)
  return new Uint8Array(info.toSchema().toBER())
}
