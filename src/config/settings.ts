import type { Connectors } from '../domain/axis/connector.ts'

/** The configuration as the processes use it: checked, frozen, with PEM files read. */
export interface Config {
  readonly mode: 'production' | 'development'
  readonly databaseUrl: string
  readonly queue: { readonly kind: 'redis' | 'postgres'; readonly url: string }
  readonly databasePool: number
  readonly blobs: string
  readonly smallBlobs: 'database' | 'files'
  readonly http: {
    readonly host: string
    readonly port: number
    readonly publicUrl: string
    readonly tls: TlsConfig | null
    readonly rateLimit: number
    readonly concurrentSubmissions: number
    /** Bytes; 0 for none. */
    readonly storageQuota: number
    /** Seconds for which a process that was told to stop goes on serving, not ready, so that nobody asks it any more. */
    readonly handOverSeconds: number
  }
  /** The door for systems that speak the axis interface; null where there is none. */
  readonly axis: AxisConfig | null
  /** Random text under which the secrets of those systems are kept; null where none are. */
  readonly axisSecret: string | null
  /** Paths, or a `pkcs11:` URI: keys are read by whoever signs, and read again when they are exchanged. */
  readonly seal: {
    readonly path: string
    readonly chain: string | null
    readonly passphrase: string | null
  }
  /** Random text; null where no keys of agencies are kept. */
  readonly agencyKeysSecret: string | null
  /** PKCS#11 modules that may be named over HTTP: whoever chooses a module chooses what this process executes. */
  readonly agencyKeysModules: readonly string[]
  readonly trust: string
  readonly stamping: StampingConfig
  readonly revocation: RevocationConfig
  /** File or folder; null takes the policies of the gateway. */
  readonly signaturePolicy: string | null
  readonly tokenKey: string
  readonly push: {
    readonly key: string
    readonly networks: readonly string[]
    readonly allowHttp: boolean
    readonly authorities: string | null
  }
  /** The exchanges of which this gateway is a client; null where there are none. Their secrets are the operator's. */
  readonly connectors: Connectors | null
  /** How often other exchanges are asked for their directory. */
  readonly axisSync: 'off' | 'daily'
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

/** PEM. */
export interface TlsConfig {
  readonly certificate: string
  readonly key: string
  readonly clientCa: string | null
}

export interface AxisConfig {
  readonly host: string
  readonly port: number
  /** By which systems know it; null where nobody has said. */
  readonly url: string | null
  readonly tls: TlsConfig | null
  /** Requests of one system in one minute. */
  readonly rateLimit: number
  /** Whether this gateway writes itself into packets that document systems fetch. */
  readonly writesTrace: boolean
}

export interface StampingConfig {
  /** Empty where there is no time-stamping authority. */
  readonly urls: readonly string[]
  readonly timeoutMs: number
  readonly graceSeconds: number
  /** PEM. */
  readonly authorities: string | null
}

export interface RevocationConfig {
  readonly isOn: boolean
  readonly hosts: readonly string[]
  readonly networks: readonly string[]
  readonly timeoutMs: number
}
