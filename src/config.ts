import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export type ProcessKind = 'api' | 'worker' | 'migrate'

export interface VariableRow {
  readonly purpose: string
  /** Which processes read it. */
  readonly usedBy: readonly ProcessKind[]
  /** The value where none is given; `null` means optional, absent means required. */
  readonly default?: string | null
  /** Never printed. */
  readonly secret?: true
}

/** Every variable that Tram reads from its environment. Nothing else reads it. */
export const CONFIG_VARIABLES = {
  TRAM_MODE: {
    purpose: '`production` refuses development keys and insecure settings',
    usedBy: ['api', 'worker', 'migrate'],
    default: 'production',
  },
  DATABASE_URL: { purpose: 'PostgreSQL', usedBy: ['api', 'worker', 'migrate'], secret: true },
  REDIS_URL: {
    purpose: 'Redis for the queues; without it they live in PostgreSQL',
    usedBy: ['api', 'worker', 'migrate'],
    default: null,
    secret: true,
  },
  TRAM_DATABASE_POOL: {
    purpose: 'connections to PostgreSQL of one process',
    usedBy: ['api', 'worker'],
    default: '20',
  },
  TRAM_BLOBS: { purpose: 'folder of the blob store, shared by all processes', usedBy: ['api', 'worker'] },
  TRAM_HOST: { purpose: 'address that the API listens on', usedBy: ['api'], default: '127.0.0.1' },
  TRAM_PORT: { purpose: 'port of the API; 0 takes a free one', usedBy: ['api'], default: '8080' },
  TRAM_PUBLIC_URL: {
    purpose: 'the URL by which clients know the API: issuer and audience of tokens',
    usedBy: ['api'],
  },
  TRAM_TLS_CERTIFICATE: {
    purpose: 'PEM file; with it the API speaks TLS itself',
    usedBy: ['api'],
    default: null,
  },
  TRAM_TLS_KEY: { purpose: 'PEM file', usedBy: ['api'], default: null },
  TRAM_TLS_CLIENT_CA: {
    purpose: 'PEM file of the authorities of client certificates (mTLS)',
    usedBy: ['api'],
    default: null,
  },
  TRAM_SEAL_KEY: { purpose: "PEM file of the key of the gateway's seal", usedBy: ['api'] },
  TRAM_SEAL_CHAIN: { purpose: 'PEM file: certificate of the seal, then its issuers', usedBy: ['api'] },
  TRAM_TRUST: { purpose: 'folder of the trust anchors for signatures', usedBy: ['api'] },
  TRAM_TOKEN_KEY: { purpose: 'PEM file: EC P-256 key that signs access tokens', usedBy: ['api'] },
  TRAM_PUSH_KEY: {
    purpose: 'PEM file: Ed25519 key that signs notices to endpoints',
    usedBy: ['api', 'worker'],
  },
  TRAM_PUSH_NETWORKS: {
    purpose: 'networks (CIDR, comma-separated) that notices may go to although they are not public',
    usedBy: ['worker'],
    default: '',
  },
  TRAM_PUSH_HTTP: {
    purpose: '`true` lets endpoints be plain http; refused in production',
    usedBy: ['api', 'worker'],
    default: 'false',
  },
  TRAM_PUSH_CA: {
    purpose: "PEM file of further authorities of endpoints' certificates",
    usedBy: ['worker'],
    default: null,
  },
  TRAM_MAX_PACKET_BYTES: { purpose: 'largest packet that is taken', usedBy: ['api'], default: '536870912' },
  TRAM_RATE_LIMIT: { purpose: 'requests of one client in one minute', usedBy: ['api'], default: '6000' },
  TRAM_TIERS: {
    purpose: 'tiers that this worker serves, comma-separated; empty for all',
    usedBy: ['worker'],
    default: '',
  },
  TRAM_CONCURRENCY: {
    purpose: 'deliveries of one tier that a worker sends at once',
    usedBy: ['worker'],
    default: '16',
  },
  TRAM_LEASE_SECONDS: {
    purpose: 'how long a delivery stays with a worker that gives no sign of life',
    usedBy: ['worker'],
    default: '6',
  },
  TRAM_WORKER_HOST: {
    purpose: "address of the worker's health and metrics",
    usedBy: ['worker'],
    default: '127.0.0.1',
  },
  TRAM_WORKER_PORT: {
    purpose: "port of the worker's health and metrics; 0 takes a free one",
    usedBy: ['worker'],
    default: '0',
  },
  TRAM_LOG_LEVEL: {
    purpose: 'trace, debug, info, warn, error, fatal',
    usedBy: ['api', 'worker', 'migrate'],
    default: 'info',
  },
} as const satisfies Record<string, VariableRow>

export type VariableName = keyof typeof CONFIG_VARIABLES

export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`the configuration is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`)
    this.name = 'ConfigError'
    this.faults = faults
  }
}

export interface Config {
  readonly mode: 'production' | 'development'
  readonly databaseUrl: string
  readonly queue: { readonly kind: 'redis' | 'postgres'; readonly url: string }
  readonly databasePool: number
  readonly blobs: string
  readonly http: {
    readonly host: string
    readonly port: number
    readonly publicUrl: string
    readonly tls: {
      readonly certificate: string
      readonly key: string
      readonly clientCa: string | null
    } | null
    readonly rateLimit: number
  }
  readonly seal: { readonly key: string; readonly chain: string }
  readonly trust: string
  readonly tokenKey: string
  readonly push: {
    readonly key: string
    readonly networks: readonly string[]
    readonly allowHttp: boolean
    readonly authorities: string | null
  }
  readonly maxPacketBytes: number
  readonly worker: {
    readonly tiers: readonly string[]
    readonly concurrency: number
    readonly leaseSeconds: number
    readonly host: string
    readonly port: number
  }
  readonly logLevel: string
}

type Environment = Readonly<Record<string, string | undefined>>

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/**
 * The configuration of one kind of process, checked and frozen. PEM files are read here, once.
 * @throws ConfigError with everything that is wrong
 */
export function loadConfig(process: ProcessKind, environment: Environment = globalThis.process.env): Config {
  const faults: string[] = []
  const text = (name: VariableName): string => {
    const row: VariableRow = CONFIG_VARIABLES[name]
    const given = environment[name]
    if (given !== undefined && given !== '') return given
    if (row.default === undefined && row.usedBy.includes(process))
      faults.push(`${name} is missing (${row.purpose})`)
    return row.default ?? ''
  }
  const optional = (name: VariableName): string | null => text(name) || null
  const integer = (name: VariableName, least: number): number => {
    const value = Number(text(name))
    if (!Number.isSafeInteger(value) || value < least)
      faults.push(`${name} must be a whole number of at least ${least}`)
    return value
  }
  const list = (name: VariableName): string[] =>
    text(name)
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
  const file = (name: VariableName): string => {
    const path = text(name)
    if (path === '') return ''
    try {
      return readFileSync(path, 'utf8')
    } catch {
      faults.push(`${name}: ${path} cannot be read`)
      return ''
    }
  }
  const needed = (name: VariableName): boolean =>
    (CONFIG_VARIABLES[name] as VariableRow).usedBy.includes(process)
  const fileIfNeeded = (name: VariableName): string => (needed(name) ? file(name) : '')

  const mode = text('TRAM_MODE')
  if (mode !== 'production' && mode !== 'development')
    faults.push('TRAM_MODE must be production or development')
  const logLevel = text('TRAM_LOG_LEVEL')
  if (!LOG_LEVELS.includes(logLevel)) faults.push(`TRAM_LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`)

  const databaseUrl = text('DATABASE_URL')
  const redisUrl = optional('REDIS_URL')
  const certificate = fileIfNeeded('TRAM_TLS_CERTIFICATE')
  const tlsKey = fileIfNeeded('TRAM_TLS_KEY')
  if ((certificate === '') !== (tlsKey === ''))
    faults.push('TRAM_TLS_CERTIFICATE and TRAM_TLS_KEY go together')
  const config: Config = {
    mode: mode === 'development' ? 'development' : 'production',
    databaseUrl,
    queue: redisUrl === null ? { kind: 'postgres', url: databaseUrl } : { kind: 'redis', url: redisUrl },
    databasePool: integer('TRAM_DATABASE_POOL', 1),
    blobs: resolve(text('TRAM_BLOBS')),
    http: {
      host: text('TRAM_HOST'),
      port: integer('TRAM_PORT', 0),
      publicUrl: text('TRAM_PUBLIC_URL').replace(/\/$/, ''),
      tls:
        certificate === ''
          ? null
          : { certificate, key: tlsKey, clientCa: fileIfNeeded('TRAM_TLS_CLIENT_CA') || null },
      rateLimit: integer('TRAM_RATE_LIMIT', 1),
    },
    seal: { key: fileIfNeeded('TRAM_SEAL_KEY'), chain: fileIfNeeded('TRAM_SEAL_CHAIN') },
    trust: resolve(text('TRAM_TRUST')),
    tokenKey: fileIfNeeded('TRAM_TOKEN_KEY'),
    push: {
      key: fileIfNeeded('TRAM_PUSH_KEY'),
      networks: list('TRAM_PUSH_NETWORKS'),
      allowHttp: text('TRAM_PUSH_HTTP') === 'true',
      authorities: fileIfNeeded('TRAM_PUSH_CA') || null,
    },
    maxPacketBytes: integer('TRAM_MAX_PACKET_BYTES', 1024),
    worker: {
      tiers: list('TRAM_TIERS'),
      concurrency: integer('TRAM_CONCURRENCY', 1),
      leaseSeconds: integer('TRAM_LEASE_SECONDS', 2),
      host: text('TRAM_WORKER_HOST'),
      port: integer('TRAM_WORKER_PORT', 0),
    },
    logLevel,
  }
  faults.push(...dangers(config, environment, process))
  if (faults.length > 0) throw new ConfigError(faults)
  return deepFreeze(config)
}

/** What must not happen in production, whatever else is set. */
function dangers(config: Config, environment: Environment, process: ProcessKind): string[] {
  if (config.mode !== 'production') return []
  const faults: string[] = []
  if (config.push.allowHttp) faults.push('TRAM_PUSH_HTTP is for development')
  for (const name of [
    'TRAM_SEAL_KEY',
    'TRAM_SEAL_CHAIN',
    'TRAM_TRUST',
    'TRAM_TOKEN_KEY',
    'TRAM_PUSH_KEY',
  ] as const) {
    if (environment[name]?.includes('certs-dev')) faults.push(`${name} points to development certificates`)
  }
  if (process === 'api' && config.http.publicUrl !== '' && !config.http.publicUrl.startsWith('https://')) {
    faults.push('TRAM_PUBLIC_URL must be https: tokens and documents do not travel in clear text')
  }
  return faults
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFreeze(part)
  return Object.freeze(value)
}

/** What is set, fit for a log: secrets are masked. */
export function printableConfig(
  process: ProcessKind,
  environment: Environment = globalThis.process.env,
): Record<string, string> {
  const rows = Object.entries(CONFIG_VARIABLES) as [VariableName, VariableRow][]
  return Object.fromEntries(
    rows
      .filter(([, row]) => row.usedBy.includes(process))
      .map(([name, row]) => {
        const value = environment[name] ?? row.default ?? ''
        return [name, row.secret && value !== '' ? '***' : value]
      }),
  )
}
