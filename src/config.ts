import { resolve } from 'node:path'
import { readConnectors } from './config/connectors.ts'
import { DEVELOPMENT_AUTHORITY, dangers } from './config/dangers.ts'
import { type Environment, environmentReader, type Reader } from './config/reader.ts'
import { type GuardedFile, guardedFiles } from './config/secret-files.ts'
import type { Config, TlsConfig } from './config/settings.ts'
import { CONFIG_VARIABLES, type ProcessKind, type VariableRow } from './config/variables.ts'

export type { Config } from './config/settings.ts'
export {
  CONFIG_VARIABLES,
  type ProcessKind,
  type VariableName,
  type VariableRow,
} from './config/variables.ts'

export { DEVELOPMENT_AUTHORITY }

export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`the configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/** The files that these processes are told of and that nobody else may read or write. */
export const filesToGuard = (...processes: readonly ProcessKind[]): GuardedFile[] =>
  guardedFiles(processes, globalThis.process.env)

const LOG_LEVELS = ['info', 'trace', 'debug', 'warn', 'error', 'fatal', 'silent'] as const
/** Who leads a job keeps one, and reads blobs by another. */
const LEAST_CONNECTIONS = 2
const LARGEST_PORT = 65_535
const LEAST_SECRET = 32

/**
 * The configuration of one kind of process, checked and frozen. PEM files are read here, once.
 * @throws ConfigError with everything that is wrong
 */
export function loadConfig(process: ProcessKind, environment: Environment = globalThis.process.env): Config {
  const read = environmentReader(process, environment)
  const databaseUrl = read.text('DATABASE_URL')
  const redisUrl = read.optional('REDIS_URL')
  const http = httpConfig(read)
  const config: Config = {
    mode: read.oneOf('TRAM_MODE', ['production', 'development']),
    databaseUrl,
    queue: redisUrl === null ? { kind: 'postgres', url: databaseUrl } : { kind: 'redis', url: redisUrl },
    databasePool: read.integer('TRAM_DATABASE_POOL', LEAST_CONNECTIONS),
    blobs: resolve(read.text('TRAM_BLOBS')),
    smallBlobs: read.oneOf('TRAM_SMALL_BLOBS', ['database', 'files']),
    http,
    axis: axisConfig(read, http.tls),
    axisSecret: secretFile(read, 'TRAM_AXIS_SECRETS'),
    seal: sealConfig(read),
    agencyKeysSecret: secretFile(read, 'TRAM_AGENCY_KEYS_SECRET'),
    agencyKeysModules: read.list('TRAM_AGENCY_KEYS_MODULES'),
    trust: resolve(read.text('TRAM_TRUST')),
    stamping: stampingConfig(read),
    revocation: revocationConfig(read),
    signaturePolicy: read.optional('TRAM_SIGNATURE_POLICY'),
    tokenKey: read.file('TRAM_TOKEN_KEY'),
    push: pushConfig(read),
    connectors: connectorsConfig(read, process),
    axisSync: read.oneOf('TRAM_AXIS_SYNC', ['off', 'daily']),
    maxPacketBytes: read.integer('TRAM_MAX_PACKET_BYTES', 1024),
    worker: workerConfig(read),
    logLevel: read.oneOf('TRAM_LOG_LEVEL', LOG_LEVELS),
  }
  const needsTrust = process === 'api' || config.stamping.urls.length > 0
  if (needsTrust && read.text('TRAM_TRUST') === '')
    read.faults.push(`TRAM_TRUST is missing (${CONFIG_VARIABLES.TRAM_TRUST.purpose})`)
  const faults = [...read.faults, ...dangers(config, environment, process)]
  if (faults.length > 0) throw new ConfigError(faults)
  return deepFreeze(config)
}

/** A stop must end one day. */
const MOST_HAND_OVER_SECONDS = 300

function httpConfig(read: Reader): Config['http'] {
  const publicUrl = read.text('TRAM_PUBLIC_URL').replace(/\/$/, '')
  if (publicUrl !== '' && !URL.canParse(publicUrl)) read.faults.push('TRAM_PUBLIC_URL is not a URL')
  return {
    host: read.text('TRAM_HOST'),
    port: read.integer('TRAM_PORT', 0, LARGEST_PORT),
    publicUrl,
    tls: tlsConfig(read),
    rateLimit: read.integer('TRAM_RATE_LIMIT', 1),
    concurrentSubmissions: read.integer('TRAM_MAX_CONCURRENT_SUBMISSIONS', 1),
    storageQuota: read.integer('TRAM_STORAGE_QUOTA', 0),
    handOverSeconds: read.integer('TRAM_HAND_OVER_SECONDS', 0, MOST_HAND_OVER_SECONDS),
  }
}

/** The variables of the TLS of one listener. */
const TLS = {
  certificate: 'TRAM_TLS_CERTIFICATE',
  key: 'TRAM_TLS_KEY',
  clientCa: 'TRAM_TLS_CLIENT_CA',
} as const
const AXIS_TLS = {
  certificate: 'TRAM_AXIS_TLS_CERTIFICATE',
  key: 'TRAM_AXIS_TLS_KEY',
  clientCa: 'TRAM_AXIS_TLS_CLIENT_CA',
} as const

/** What the files of one listener hold; an empty certificate where none is named. */
function tlsFiles(read: Reader, names: typeof TLS | typeof AXIS_TLS): TlsConfig {
  const certificate = read.file(names.certificate)
  const key = read.file(names.key)
  if ((certificate === '') !== (key === ''))
    read.faults.push(`${names.certificate} and ${names.key} go together`)
  return { certificate, key, clientCa: read.file(names.clientCa) || null }
}

function tlsConfig(read: Reader): TlsConfig | null {
  const files = tlsFiles(read, TLS)
  if (files.certificate !== '') return files
  // Without TLS of its own the API would ask no client for a certificate, and whoever set this believes that it does.
  if (files.clientCa !== null) read.faults.push(`${TLS.clientCa} needs ${TLS.certificate}`)
  return null
}

/** Certificate and key are given both or taken from the API both; the authorities of clients by themselves. */
function axisTls(read: Reader, ofApi: TlsConfig | null): TlsConfig | null {
  const own = tlsFiles(read, AXIS_TLS)
  const used = own.certificate === '' ? ofApi : own
  if (used !== null) return { ...used, clientCa: own.clientCa ?? ofApi?.clientCa ?? null }
  if (own.clientCa !== null)
    read.faults.push(`${AXIS_TLS.clientCa} needs ${AXIS_TLS.certificate} or ${TLS.certificate}`)
  return null
}

function axisConfig(read: Reader, tlsOfApi: TlsConfig | null): Config['axis'] {
  if (read.optional('TRAM_AXIS_PORT') === null) return null
  if (read.optional('TRAM_AXIS_SECRETS') === null)
    read.faults.push('TRAM_AXIS_PORT needs TRAM_AXIS_SECRETS: the door checks signatures with those secrets')
  const url = read.optional('TRAM_AXIS_PUBLIC_URL')
  if (url !== null && !URL.canParse(url)) read.faults.push('TRAM_AXIS_PUBLIC_URL is not a URL')
  return {
    host: read.text('TRAM_AXIS_HOST'),
    port: read.integer('TRAM_AXIS_PORT', 0, LARGEST_PORT),
    url,
    tls: axisTls(read, tlsOfApi),
    rateLimit: read.integer('TRAM_AXIS_RATE_LIMIT', 1),
    writesTrace: axisTrace(read),
  }
}

function axisTrace(read: Reader): boolean {
  const writes = read.flag('TRAM_AXIS_TRACE')
  if (writes && read.optional('TRAM_CONNECTORS') === null)
    read.faults.push('TRAM_AXIS_TRACE needs TRAM_CONNECTORS: the name that is written (traceId) stands there')
  return writes
}

/** Random text in a file; null where no file is named. */
function secretFile(read: Reader, name: 'TRAM_AGENCY_KEYS_SECRET' | 'TRAM_AXIS_SECRETS'): string | null {
  const earlier = read.faults.length
  const secret = read.file(name).trim()
  const isRead = read.optional(name) !== null && read.faults.length === earlier
  if (isRead && secret.length < LEAST_SECRET)
    read.faults.push(`${name} holds less than ${LEAST_SECRET} characters`)
  return secret || null
}

function sealConfig(read: Reader): Config['seal'] {
  const inFile = read.file('TRAM_SEAL_PASSPHRASE_FILE').replace(/\r?\n$/, '')
  const chain = read.path('TRAM_SEAL_CHAIN')
  return {
    path: read.path('TRAM_SEAL_KEY', /^pkcs11:/i),
    chain: chain === '' ? null : chain,
    passphrase: read.optional('TRAM_SEAL_PASSPHRASE') ?? (inFile || null),
  }
}

const pushConfig = (read: Reader): Config['push'] => ({
  key: read.file('TRAM_PUSH_KEY'),
  networks: read.list('TRAM_PUSH_NETWORKS'),
  allowHttp: read.flag('TRAM_PUSH_HTTP'),
  authorities: read.file('TRAM_PUSH_CA') || null,
})

function connectorsConfig(read: Reader, process: ProcessKind): Config['connectors'] {
  const path = read.optional('TRAM_CONNECTORS')
  if (path === null) return null
  const allowHttp = read.oneOf('TRAM_MODE', ['production', 'development']) === 'development'
  // Commands that only ask which connectors there are may be given by somebody who must not read their secrets.
  return readConnectors(resolve(path), { secrets: process !== 'migrate', allowHttp, faults: read.faults })
}

function stampingConfig(read: Reader): Config['stamping'] {
  const urls = read.list('TRAM_TSA_URL')
  if (urls.some((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)))
    read.faults.push('TRAM_TSA_URL holds something that is no http or https URL')
  return {
    urls,
    timeoutMs: read.integer('TRAM_TSA_TIMEOUT', 1, 120) * 1_000,
    graceSeconds: read.integer('TRAM_TSA_GRACE', 0),
    authorities: read.file('TRAM_TSA_CA') || null,
  }
}

const revocationConfig = (read: Reader): Config['revocation'] => ({
  isOn: read.oneOf('TRAM_REVOCATION', ['on', 'off']) === 'on',
  hosts: read.list('TRAM_REVOCATION_HOSTS'),
  networks: read.list('TRAM_REVOCATION_NETWORKS'),
  timeoutMs: read.integer('TRAM_REVOCATION_TIMEOUT', 1, 60) * 1_000,
})

const workerConfig = (read: Reader): Config['worker'] => ({
  tiers: read.list('TRAM_TIERS'),
  concurrency: read.integer('TRAM_CONCURRENCY', 1),
  leaseSeconds: read.integer('TRAM_LEASE_SECONDS', 2),
  host: read.text('TRAM_WORKER_HOST'),
  port: read.integer('TRAM_WORKER_PORT', 0, LARGEST_PORT),
})

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}

/** The variable with the secret by which a command proves in whose name it writes. */
export const CLIENT_SECRET = 'TRAM_CLIENT_SECRET'

/** That secret, undefined where it is not set: as an argument everybody on the machine would see it. */
export const clientSecret = (environment: Environment = globalThis.process.env): string | undefined =>
  environment[CLIENT_SECRET] || undefined

/** What is set, fit for a log: secrets are masked. */
export function printableConfig(
  process: ProcessKind,
  environment: Environment = globalThis.process.env,
): Record<string, string> {
  const rows: [string, VariableRow][] = Object.entries(CONFIG_VARIABLES)
  return Object.fromEntries(
    rows
      .filter(([, row]) => row.usedBy.includes(process))
      .map(([name, row]) => {
        const value = environment[name] || (row.default ?? '')
        return [name, row.secret && value !== '' ? '***' : value]
      }),
  )
}
