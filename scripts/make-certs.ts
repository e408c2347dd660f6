import { createHash } from 'node:crypto'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import forge from 'node-forge'
import { loadSigningKey, type SigningKey } from '../src/signature/keys/load-key.ts'
import { NAME } from '../src/signature/x509/name.ts'
import { type IssueOptions, issue, type Subject } from './issue-certificate.ts'

/*
 * Certificates for development, tests and demonstrations: a root, an issuing CA and whatever hangs below it. Never for
 * production: the keys lie unprotected in files and nobody has checked who they belong to.
 */

export interface DevCa {
  readonly root: SigningKey
  readonly issuing: SigningKey
}

const gatewayName = (commonName: string): Subject => [
  [NAME.country, 'VN'],
  [NAME.organization, 'Trục liên thông phát triển'],
  [NAME.commonName, commonName],
]

/** When certificates begin; a day ago where left out. */
export type Beginning = Pick<IssueOptions, 'notBefore'>

export function makeCa(beginning: Beginning = {}): DevCa {
  const root = issue({ subject: gatewayName('Tram Development Root CA'), profile: 'root', ...beginning })
  const subject = gatewayName('Tram Development Issuing CA')
  return { root, issuing: issue({ subject, profile: 'issuing', ...beginning }, root) }
}

export interface AgencyKeys {
  readonly agency: SigningKey
  readonly person: SigningKey
}

/** A seal for an agency and a signature for one invented official of it. */
export function issueAgency(
  ca: DevCa,
  { name, code, ...beginning }: { name: string; code: string } & Beginning,
): AgencyKeys {
  const number = createHash('sha256').update(code).digest().readUInt32BE().toString().padStart(10, '0')
  const organisation = [
    [NAME.country, 'VN'],
    [NAME.organization, name],
  ] as const
  const seal: Subject = [...organisation, [NAME.commonName, name], [NAME.userId, `MNS:${code}`]]
  const official: Subject = [
    ...organisation,
    [NAME.title, 'Chánh Văn phòng'],
    [NAME.commonName, 'Nguyễn Văn Thử'],
    [NAME.userId, `CCCD:00${number}`],
  ]
  return {
    agency: issue({ subject: seal, profile: 'signature', ...beginning }, ca.issuing),
    person: issue({ subject: official, profile: 'signature', ...beginning }, ca.issuing),
  }
}

/** Passphrase of the PKCS#12 files in certs-dev: they protect nothing. */
export const DEV_PASSPHRASE = 'tram-dev'

/** What certs-dev holds beside the CAs, by file name. */
const HOLDINGS: Record<string, Omit<IssueOptions, 'subject'> & { readonly commonName: string }> = {
  tsa: { commonName: 'Tram Development TSA', profile: 'timestamp' },
  ocsp: { commonName: 'Tram Development OCSP', profile: 'ocsp' },
  'gateway-seal': { commonName: 'Trục liên thông phát triển', profile: 'signature' },
  'gateway-seal-p256': { commonName: 'Trục liên thông phát triển', profile: 'signature', key: 'p256' },
  'gateway-tls': { commonName: 'localhost', profile: 'tls-server', hosts: ['localhost'] },
  'client-tls': { commonName: 'tram-dev-client', profile: 'tls-client' },
}

/**
 * Fills `folder` with whatever of the development certificates is not there yet; what is there stays as it is.
 * README.md of certs-dev says what each file is.
 */
export async function makeDevCertificates(
  folder: string,
  agencies: readonly { name: string; code: string }[] = [],
  beginning: Beginning = {},
): Promise<DevCa> {
  for (const one of ['.', 'trust', 'trust/intermediate', 'trust/timestamp'])
    await mkdir(join(folder, one), { recursive: true })
  const root = await keep(folder, 'root-ca', () => makeCa(beginning).root)
  const issuing = await keep(folder, 'issuing-ca', () =>
    issue({ subject: gatewayName('Tram Development Issuing CA'), profile: 'issuing', ...beginning }, root),
  )
  for (const [name, { commonName, ...options }] of Object.entries(HOLDINGS)) {
    const made = await keep(folder, name, () =>
      issue({ subject: gatewayName(commonName), ...options, ...beginning }, issuing),
    )
    if (name === 'gateway-seal') await writeFile(join(folder, `${name}.p12`), pkcs12(made), { mode: 0o600 })
  }
  const ca = { root, issuing }
  for (const { name, code } of agencies) {
    const made = once(() => issueAgency(ca, { name, code, ...beginning }))
    await keep(folder, `agency-${code}`, () => made().agency)
    await keep(folder, `agency-${code}-person`, () => made().person)
  }
  await writeFile(join(folder, 'trust/root-ca.pem'), pem(root.certificateChain.slice(0, 1)))
  await writeFile(join(folder, 'trust/timestamp/root-ca.pem'), pem(root.certificateChain.slice(0, 1)))
  await writeFile(
    join(folder, 'trust/intermediate/issuing-ca.pem'),
    pem(issuing.certificateChain.slice(0, 1)),
  )
  return ca
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

const pem = (certificates: SigningKey['certificateChain']): string =>
  certificates.map(({ x509 }) => x509.toString()).join('')

/** The pair that stands in `<name>.pem` and `<name>.key.pem`, made and written where it does not. */
async function keep(folder: string, name: string, make: () => SigningKey): Promise<SigningKey> {
  const chainFile = join(folder, `${name}.pem`)
  const keyFile = join(folder, `${name}.key.pem`)
  const exists = await Promise.all([access(chainFile), access(keyFile)]).then(
    () => true,
    () => false,
  )
  if (exists) return loadSigningKey({ keyFile, chainFile })
  const made = make()
  await writeFile(keyFile, made.key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  await writeFile(chainFile, pem(made.certificateChain))
  return made
}

function pkcs12({ key, certificateChain }: SigningKey): Uint8Array {
  const forgeKey = forge.pki.privateKeyFromPem(key.export({ type: 'pkcs1', format: 'pem' }).toString())
  const container = forge.pkcs12.toPkcs12Asn1(
    forgeKey,
    certificateChain.map(({ x509 }) => forge.pki.certificateFromPem(x509.toString())),
    DEV_PASSPHRASE,
    { algorithm: '3des' },
  )
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary')
}

/** Agencies of the demonstration; the codes are of the new shape (QĐ 20/2020/QĐ-TTg). */
const DEMO_AGENCIES = [
  { name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' },
  { name: 'Sở Thử Nghiệm tỉnh Thử Nghiệm', code: 'H99.01' },
]

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = resolve(process.argv[2] ?? fileURLToPath(new URL('../certs-dev', import.meta.url)))
  await makeDevCertificates(folder, DEMO_AGENCIES)
  console.log(`Development certificates (never for production): ${folder}`)
}
