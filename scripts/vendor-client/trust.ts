import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TlsConfig } from '../../src/config/settings.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import { issue } from '../issue-certificate.ts'
import type { DevCa } from '../make-certs.ts'

/** A certificate for `localhost`. */
export function serverCertificate(ca: DevCa): TlsConfig {
  const subject = [[NAME.commonName, 'localhost']] as const
  const made = issue({ subject, profile: 'tls-server', hosts: ['localhost'] }, ca.issuing)
  const key = made.key.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { certificate: pem(made.certificateChain), key, clientCa: null }
}

/** Makes a trust store of the CA as an operator would, and answers the virtual machine's options that name it. */
export async function trustStore(ca: DevCa, folder: string): Promise<string[]> {
  const [root, store] = [join(folder, 'root.pem'), join(folder, 'trust.p12')]
  await writeFile(root, pem(ca.root.certificateChain.slice(0, 1)))
  const password = 'changeit'
  const named = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', password]
  await promisify(execFile)('keytool', [
    '-importcert',
    '-noprompt',
    '-alias',
    'tram',
    '-file',
    root,
    ...named,
  ])
  return [`-Djavax.net.ssl.trustStore=${store}`, `-Djavax.net.ssl.trustStorePassword=${password}`]
}

const pem = (certificates: SigningKey['certificateChain']): string =>
  certificates.map(({ x509 }) => x509.toString()).join('')
