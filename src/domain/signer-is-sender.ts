import type { Sha256 } from './identifiers.ts'

/** An organisation's seal, or a person's signature, by the subject of the signing certificate. */
export type SignerKind = 'agency' | 'person' | 'unknown'

/** The sender, by everything under which a certificate may know it. */
export interface SenderNames {
  readonly code: string
  readonly name: string
  /** Its other codes, of any day. */
  readonly aliases?: readonly string[]
  /** For whom the directory has registered a certificate; undefined where for nobody. Nothing is registered where absent. */
  readonly holderOf?: (certificate: Sha256) => 'sender' | 'another' | undefined
}

/** What a finding says of who signed. */
interface Signer {
  readonly signerKind: SignerKind
  readonly signerName?: string
  readonly signerOrganisations?: readonly string[]
  readonly certificateSha256?: Sha256
}

const fold = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s.,-]+/gu, ' ')
    .trim()

const holder = ({ certificateSha256 }: Signer, { holderOf }: SenderNames) =>
  certificateSha256 === undefined ? undefined : holderOf?.(certificateSha256)

/**
 * Whether a signature is the sender's. What the directory has registered decides first: a certificate of the sender's
 * counts whatever it is called, one of another agency's never does. Where it is registered for nobody, names decide: an
 * agency's seal is in the sender's own name, a person's certificate names the sender as the organisation. A trusted
 * signature of somebody else's says nothing of a document that this agency sends (NĐ 30/2020 art. 5: the agency's own
 * signature, and that of its own authorised person).
 */
export function isOfSender(signer: Signer, sender: SenderNames): boolean {
  const registered = holder(signer, sender)
  if (registered !== undefined) return registered === 'sender'
  const { signerKind, signerName, signerOrganisations = [] } = signer
  // A department's seal names the ministry as its organisation, and is not the ministry's.
  const names = signerKind === 'agency' ? [signerName ?? ''] : signerOrganisations
  const known = new Set([sender.name, sender.code, ...(sender.aliases ?? [])].map(fold))
  return names.some((name) => known.has(fold(name)))
}

/** Whose signature it is: one by a registered certificate is the agency's, unless the certificate is a person's. */
export const signerKindFor = (signer: Signer, sender: SenderNames): SignerKind =>
  signer.signerKind === 'unknown' && holder(signer, sender) === 'sender' ? 'agency' : signer.signerKind
