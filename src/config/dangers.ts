import { X509Certificate } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './reader.ts'
import type { Config } from './settings.ts'
import type { ProcessKind, VariableName } from './variables.ts'

/** Stands in the name of every authority that `scripts/make-certs.ts` makes, so that a copy is known by it too. */
export const DEVELOPMENT_AUTHORITY = 'Tram Development'

const KEY_FILES = [
  'TRAM_SEAL_KEY',
  'TRAM_SEAL_CHAIN',
  'TRAM_TRUST',
  'TRAM_TOKEN_KEY',
  'TRAM_PUSH_KEY',
] as const satisfies readonly VariableName[]

/** What must not happen in production, whatever else is set. */
export function dangers(config: Config, environment: Environment, process: ProcessKind): string[] {
  if (config.mode !== 'production') return []
  const faults = KEY_FILES.filter((name) => environment[name]?.includes('certs-dev')).map(
    (name) => `${name} points to development certificates`,
  )
  if (config.push.allowHttp) faults.push('TRAM_PUSH_HTTP is for development')
  if (process !== 'api') return faults
  if (config.seal.chain !== null && comesFromDevelopment(contentOf(config.seal.chain)))
    faults.push('TRAM_SEAL_CHAIN was issued by a development authority')
  if (environment.TRAM_TRUST && certificatesIn(config.trust).some(comesFromDevelopment))
    faults.push('TRAM_TRUST holds a development authority: anybody could sign for any agency')
  if (config.http.publicUrl !== '' && !config.http.publicUrl.startsWith('https://'))
    faults.push('TRAM_PUBLIC_URL must be https: tokens and documents do not travel in clear text')
  if (config.axis !== null && config.axis.tls === null && !config.axis.url?.startsWith('https://'))
    faults.push(
      'TRAM_AXIS_PORT without TLS needs a TRAM_AXIS_PUBLIC_URL that is https: the signatures of systems cover no content',
    )
  return faults
}

/** Whether a PEM or DER file names a development authority. What is no certificate is for its reader to complain of. */
function comesFromDevelopment(content: string | Buffer): boolean {
  const text = content.toString()
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [content]
  return certificates.some((certificate) => {
    try {
      const { issuer, subject } = new X509Certificate(certificate)
      return `${issuer}\n${subject}`.includes(DEVELOPMENT_AUTHORITY)
    } catch {
      return false
    }
  })
}

/** What cannot be read is for its reader to complain of. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

/** The certificates of a trust store, in the folders where its reader looks for them. */
const certificatesIn = (folder: string): Buffer[] =>
  ['.', 'signature', 'timestamp', 'intermediate'].flatMap((name) => {
    try {
      return readdirSync(join(folder, name))
        .filter((file) => /\.(pem|crt|cer|der)$/i.test(file))
        .map((file) => readFileSync(join(folder, name, file)))
    } catch {
      return []
    }
  })
