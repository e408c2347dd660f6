import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningKey } from '../../../src/signature/keys/signing-key.ts'
import type { Xmlsec1 } from './xmlsec1.ts'

const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const EXC = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
const XADES = 'http://uri.etsi.org/01903/v1.3.2#'

const transforms = (...ones: readonly string[]): string => `<Transforms>${ones.join('')}</Transforms>`
const transform = (algorithm: string, inside = ''): string =>
  inside === ''
    ? `<Transform Algorithm="${algorithm}"/>`
    : `<Transform Algorithm="${algorithm}">${inside}</Transform>`
const reference = (uri: string, steps: string, type = ''): string =>
  `<Reference URI="${uri}"${type}>${steps}<DigestMethod Algorithm="${SHA256}"/><DigestValue/></Reference>`

interface Profile {
  readonly canonicalization: string
  readonly references: string
  readonly object?: string
  readonly method?: string
  readonly key: SigningKey
  /** Elements whose `Id` a reference leads to, as `namespace:name`. */
  readonly ids?: readonly string[]
}

const signature = ({ canonicalization, references, object = '', method = 'rsa-sha256' }: Profile): string =>
  `<Signature xmlns="${DSIG}" Id="signature"><SignedInfo><CanonicalizationMethod Algorithm="${canonicalization}"/>` +
  `<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#${method}"/>${references}</SignedInfo>` +
  `<SignatureValue/><KeyInfo><X509Data><X509Certificate/></X509Data></KeyInfo>${object}</Signature>`

const properties = ({ certificateChain }: SigningKey): string => {
  const digest = createHash('sha256').update(certificateChain[0]!.der).digest('base64')
  return (
    `<Object><xades:QualifyingProperties xmlns:xades="${XADES}" Target="#signature">` +
    '<xades:SignedProperties Id="properties"><xades:SignedSignatureProperties>' +
    '<xades:SigningTime>2026-11-20T01:00:00Z</xades:SigningTime><xades:SigningCertificateV2><xades:Cert>' +
    `<xades:CertDigest><DigestMethod Algorithm="${SHA256}"/><DigestValue>${digest}</DigestValue></xades:CertDigest>` +
    '</xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>' +
    '</xades:QualifyingProperties></Object>'
  )
}

const enveloped = (profile: Profile): string =>
  '<?xml version="1.0" encoding="UTF-8"?>\n<van:ban xmlns:van="urn:van" xmlns:khac="urn:khac" Id="root" xml:lang="vi">\n' +
  '  <van:trich khac:so="12" loai="a">Chuyển 100 đồng</van:trich>\n  <khac:noi Id="noi">Nơi nhận 7</khac:noi>' +
  `${signature(profile)}</van:ban>\n`

const enveloping = (profile: Profile): string => `<?xml version="1.0"?>\n${signature(profile)}\n`

/** A document, and the elements whose `Id` its references lead to. */
export interface SignedDocument {
  readonly name: string
  readonly text: string
  readonly ids: readonly string[]
}

/**
 * Documents of several profiles, signed by xmlsec1 itself, by a name. The keys must be RSA but for the last.
 * @throws Error where xmlsec1 does not sign
 */
export function signedDocuments(xmlsec1: Xmlsec1, rsa: SigningKey, ec: SigningKey): SignedDocument[] {
  const self = transform(`${DSIG}enveloped-signature`)
  const signedProperties = reference(
    '#properties',
    transforms(transform(EXC)),
    ' Type="http://uri.etsi.org/01903#SignedProperties"',
  )
  const prefixes = `<InclusiveNamespaces xmlns="${EXC}" PrefixList="khac #default"/>`
  const payload = '<Object Id="object"><tin xmlns="urn:tin">100 đồng</tin></Object>'
  const profiles: [string, (profile: Profile) => string, Profile][] = [
    [
      'XAdES, enveloped, exclusive',
      enveloped,
      {
        canonicalization: EXC,
        references: reference('', transforms(self, transform(EXC))) + signedProperties,
        object: properties(rsa),
        ids: [`${XADES}:SignedProperties`],
        key: rsa,
      },
    ],
    [
      'enveloped, exclusive with inclusive prefixes',
      enveloped,
      {
        canonicalization: EXC,
        references: reference('', transforms(self, transform(EXC, prefixes))),
        key: rsa,
      },
    ],
    [
      'root by its Id, inclusive with comments',
      enveloped,
      {
        canonicalization: `${C14N}#WithComments`,
        references: reference('#root', transforms(self, transform(`${C14N}#WithComments`))),
        ids: ['urn:van:ban'],
        key: rsa,
      },
    ],
    [
      'enveloping',
      enveloping,
      {
        canonicalization: C14N,
        references: reference('#object', ''),
        object: payload,
        ids: [`${DSIG}:Object`],
        key: rsa,
      },
    ],
    [
      'enveloped, C14N 1.1, ECDSA',
      enveloped,
      {
        canonicalization: 'http://www.w3.org/2006/12/xml-c14n11',
        references: reference('', transforms(self, transform('http://www.w3.org/2006/12/xml-c14n11'))),
        method: 'ecdsa-sha256',
        key: ec,
      },
    ],
  ]
  return profiles.map(([name, build, profile]) => {
    const { key, ids = [] } = profile
    return { name, ids, text: xmlsec1.sign(build(profile), key, ids) }
  })
}

/** A key and its certificate as files that xmlsec1 takes: `key.pem,certificate.pem`. */
export function keyFiles(folder: string, { key, certificateChain }: SigningKey): string {
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(certificateFile, certificateChain[0]!.x509.toString())
  return `${keyFile},${certificateFile}`
}
