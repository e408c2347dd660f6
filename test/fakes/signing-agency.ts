import { type AgencyKeys, type Beginning, type DevCa, issueAgency } from '../../scripts/make-certs.ts'
import { type CmsSignOptions, signCms } from './sign-cms.ts'
import { type PacketSignOptions, signPacket } from './sign-packet.ts'
import { type PdfSignOptions, signPdf } from './sign-pdf.ts'

/** Who of the agency signs: the authorised person, or the agency with its seal. */
export type By = keyof AgencyKeys

export interface SigningAgency extends AgencyKeys {
  readonly name: string
  readonly code: string
  /** Signs a PDF as one of the two, incrementally. */
  signPdf(pdf: Uint8Array, by: By, options?: PdfSignOptions): Promise<Uint8Array>
  /** Signs a PDF as the person and then as the agency: an original (Nghị định 30/2020/NĐ-CP art. 5). */
  issuePdf(pdf: Uint8Array, options?: PdfSignOptions): Promise<Uint8Array>
  /** Signs an edXML packet in its header. */
  signPacket(packet: Uint8Array, by: By, options?: PacketSignOptions): Uint8Array
  /** Makes a CMS signature over any bytes. */
  signCms(content: Uint8Array, by: By, options?: CmsSignOptions): Promise<Uint8Array>
}

/**
 * An agency with a seal and one official, certified by `ca`. Pass `keys` where they exist already, as those of
 * certs-dev do.
 */
export function signingAgency({
  ca,
  name,
  code,
  keys,
  ...beginning
}: {
  ca: DevCa
  name: string
  code: string
  keys?: AgencyKeys
} & Beginning): SigningAgency {
  const { agency, person } = keys ?? issueAgency(ca, { name, code, ...beginning })
  const by = { agency, person }
  return {
    name,
    code,
    ...by,
    signPdf: (pdf, who, options) => signPdf(pdf, by[who], options),
    issuePdf: async (pdf, options) => signPdf(await signPdf(pdf, person, options), agency, options),
    signPacket: (packet, who, options) => signPacket(packet, by[who], options),
    signCms: (content, who, options) => signCms(content, by[who], options),
  }
}
