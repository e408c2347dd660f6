import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DevCa, makeDevCertificates } from './make-certs.ts'

export interface DevEnvironmentOptions {
  /** Takes the blob store, and the certificates and keys where `certificates` names no other folder. */
  readonly folder: string
  readonly certificates?: string
  readonly databaseUrl: string
  /** Null where the queue stands in PostgreSQL. */
  readonly redisUrl: string | null
  /** Port of the API; 0 takes a free one. */
  readonly port?: number
  readonly agencies?: readonly { readonly name: string; readonly code: string }[]
}

export interface DevEnvironment {
  /** Everything that `tram serve`, `worker` and `migrate` need. */
  readonly variables: Record<string, string>
  readonly ca: DevCa
  readonly certificates: string
}

/** A complete configuration for development and tests: development certificates, fresh keys, plain HTTP on loopback. */
export async function devEnvironment(options: DevEnvironmentOptions): Promise<DevEnvironment> {
  const certificates = options.certificates ?? join(options.folder, 'certs')
  const blobs = join(options.folder, 'blobs')
  await mkdir(blobs, { recursive: true })
  await mkdir(certificates, { recursive: true })
  const ca = await makeDevCertificates(certificates, [...(options.agencies ?? [])])
  const inFolder = (name: string) => join(certificates, name)
  const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' })
  await keep(inFolder('token.key.pem'), () =>
    pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  )
  await keep(inFolder('push.key.pem'), () => pem(generateKeyPairSync('ed25519').privateKey))
  await keep(inFolder('axis-secrets'), () => randomBytes(32).toString('base64'))
  return {
    ca,
    certificates,
    variables: {
      TRAM_MODE: 'development',
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl ?? '',
      TRAM_BLOBS: blobs,
      TRAM_PORT: String(options.port ?? 0),
      TRAM_PUBLIC_URL: `http://127.0.0.1:${options.port ?? 0}`,
      TRAM_SEAL_KEY: inFolder('gateway-seal-p256.key.pem'),
      TRAM_SEAL_CHAIN: inFolder('gateway-seal-p256.pem'),
      TRAM_TRUST: inFolder('trust'),
      TRAM_TOKEN_KEY: inFolder('token.key.pem'),
      TRAM_PUSH_KEY: inFolder('push.key.pem'),
      TRAM_AXIS_SECRETS: inFolder('axis-secrets'),
      // Nobody balances load here.
      TRAM_HAND_OVER_SECONDS: '0',
      TRAM_PUSH_NETWORKS: '127.0.0.0/8',
      TRAM_PUSH_HTTP: 'true',
    },
  }
}

async function keep(path: string, make: () => string | Buffer): Promise<void> {
  const there = await access(path).then(
    () => true,
    () => false,
  )
  if (!there) await writeFile(path, make(), { mode: 0o600 })
}
