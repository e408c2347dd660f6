import { makeCa } from '../../scripts/make-certs.ts'
import { signingAgency } from './signing-agency.ts'

/*
 * Signed packets as government signers make them, and what becomes of them in wrong hands. The files under
 * test/vectors were written by this once; to write them anew: node --import tsx test/fakes/write-packet-vectors.ts
 */
const NS = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'

const PACKET = `<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="${NS}">
  <edXML:edXMLEnvelope xmlns:edXML="${NS}">
    <edXML:edXMLHeader>
      <edXML:MessageHeader Id="message"><edXML:Subject>Thu 100 đồng</edXML:Subject></edXML:MessageHeader>
      <edXML:TraceHeaderList Id="trace"><edXML:TraceHeader><edXML:OrganId>H99</edXML:OrganId></edXML:TraceHeader></edXML:TraceHeaderList>
    </edXML:edXMLHeader>
    <edXML:edXMLBody Id="body"><edXML:edXMLManifest version="1.0"/></edXML:edXMLBody>
  </edXML:edXMLEnvelope>
  <AttachmentEncoded Id="attachments"><Attachment><ContentId>cid:1</ContentId></Attachment></AttachmentEncoded>
</edXML>
`
const IDS = ['message', 'trace', 'body', 'attachments']
const TIME = new Date('2026-03-02T01:00:00Z')
/** Of all certificates: before anything is signed with them. */
const BEGINNING = { notBefore: new Date('2026-01-01T00:00:00Z') } as const
const PROFILE = { ids: IDS, time: TIME, keyInfo: 'named-leaf' } as const

/** Replaces exactly what is found. @throws Error where nothing is */
function changed(text: string, from: string | RegExp, to: string): string {
  const result = text.replace(from, () => to)
  if (result === text) throw new Error(`nothing to change: ${from}`)
  return result
}

export interface PacketVectors {
  /** By name; the profile of government signers, and the whole packet signed as one. */
  readonly valid: Readonly<Record<string, string>>
  /** By the code of the reason for which the signature, or one of them, is refused, and what was done. */
  readonly invalid: Readonly<Record<string, string>>
  /** PEM of the two roots, of which the second succeeds the first, each with its issuing CA. */
  readonly authorities: Readonly<Record<string, string>>
}

/** Makes all of them, with fresh keys: the person under the first root, the agency under its successor. */
export function packetVectors(): PacketVectors {
  const first = makeCa(BEGINNING)
  const second = makeCa(BEGINNING)
  const name = 'Ủy ban nhân dân tỉnh Thử Nghiệm'
  const person = signingAgency({ ca: first, name, code: 'H99', ...BEGINNING })
  const agency = signingAgency({ ca: second, name, code: 'H99', ...BEGINNING })
  const packet = Buffer.from(PACKET)
  const once = person.signPacket(packet, 'person', PROFILE)
  const twice = agency.signPacket(once, 'agency', PROFILE)
  const whole = agency.signPacket(packet, 'agency')
  const pem = (ca: typeof first) =>
    [ca.root, ca.issuing].map(({ certificateChain }) => certificateChain[0]!.x509.toString()).join('')
  return {
    valid: {
      'person-alone': String(once),
      'person-then-agency': String(twice),
      'whole-packet': String(whole),
    },
    invalid: spoiled(
      String(twice),
      String(agency.signPacket(whole, 'agency')),
      agency.agency.certificateChain[0]!.der,
      String(person.signPacket(packet, 'person', { ...PROFILE, ids: ['message', 'body'] })),
    ),
    authorities: { 'root-g1': pem(first), 'root-g2': pem(second) },
  }
}

function spoiled(
  text: string,
  overWhole: string,
  otherCertificate: Uint8Array,
  part: string,
): Record<string, string> {
  const first = (pattern: RegExp) => pattern.exec(text)![0]
  const message = first(/<edXML:MessageHeader[\s\S]*<\/edXML:MessageHeader>/)
  const forged = changed(changed(message, 'Thu 100', 'Thu 900'), ' Id="message"', '')
  const digest = first(/<DigestValue>[^<]+/)
  const info = first(/<SignedInfo>.*?<\/SignedInfo>/)
  const hmac = 'http://www.w3.org/2000/09/xmldsig#hmac-sha256'
  const xslt = '<Transforms><Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>'
  return {
    'digest-mismatch--text': changed(text, 'Thu 100', 'Thu 900'),
    'digest-mismatch--text-in-instruction': changed(text, 'Thu 100', 'Thu <?x 100?>100'),
    'digest-mismatch--signing-time': changed(text, '>2026-03-02T', '>2025-03-02T'),
    'digest-mismatch--second-over-whole-first': overWhole,
    'digest-mismatch--element-added': changed(
      text,
      '</edXML:Subject>',
      '</edXML:Subject><edXML:Content>thêm</edXML:Content>',
    ),
    'digest-mismatch--digest-swapped': changed(
      text,
      digest,
      `<DigestValue>${Buffer.alloc(32, 7).toString('base64')}`,
    ),
    'reference-missing--id-removed': changed(text, ' Id="body"', ''),
    'reference-ambiguous--id-doubled': changed(text, '<ContentId>', '<ContentId Id="message">'),
    'reference-ambiguous--id-of-other-case': changed(text, '<ContentId>', '<ContentId ID="message">'),
    'reference-position--element-moved': changed(text, message, `${forged}<Aside>${message}</Aside>`),
    'reference-position--copy-beside': changed(text, message, forged + message),
    'signed-info-hidden--comment-in-digest': changed(text, digest, digest.replace('>', '><!--x-->')),
    'signature-malformed--second-signed-info': changed(text, info, info + info),
    'value-mismatch--certificate-of-another': changed(
      text,
      /<X509Certificate>[^<]+/,
      `<X509Certificate>${Buffer.from(otherCertificate).toString('base64')}`,
    ),
    'algorithm-refused--hmac': changed(text, /http:\/\/[^"]*rsa-sha256/, hmac),
    'transform-refused--xslt': changed(text, '<DigestMethod', `${xslt}<DigestMethod`),
    'certificate-missing--key-name-only': changed(
      text,
      /<X509Data>.*?<\/X509Data>/,
      '<KeyName>H99</KeyName>',
    ),
    'part-only--attachments-not-signed': part,
  }
}
