import { createPublicKey } from 'node:crypto'
import { hostname } from 'node:os'
import { type DestinationStream, type Logger, pino } from 'pino'
import { type Admission, createAdmission } from './admission/admission.ts'
import type { BlobStore } from './blobs/store.ts'
import { type Config, DEVELOPMENT_AUTHORITY } from './config.ts'
import type { PollWatch } from './connector/poll-watch.ts'
import { certificateEnds } from './context/certificate-ends.ts'
import { defaultLimits } from './context/default-limits.ts'
import { openProcessBlobs } from './context/open-blobs.ts'
import { named } from './context/setup-error.ts'
import { openRevocation, openStamping, openTsa, type Stamping } from './context/trust-services.ts'
import { watchTrust } from './context/watched-trust.ts'
import { coalescedNotify } from './db/coalesced-notify.ts'
import { createPool, type Pool } from './db/pool.ts'
import { type SilenceWatch, watchForSilence } from './db/silence.ts'
import { createChannels } from './delivery/channels/index.ts'
import type { DeliverDependencies } from './delivery/deliver.ts'
import { EndpointReturns } from './delivery/endpoint-returns.ts'
import { type Exchanges, openExchanges } from './delivery/exchanges.ts'
import { createQueueProbe, type QueueProbe } from './delivery/queue-probe.ts'
import { type FindAxisSystem, knownAxisSystems } from './directory/axis-systems-known.ts'
import type { RegistryHolder } from './directory/snapshot/holder.ts'
import { openRegistry } from './directory/snapshot/open-registry.ts'
import { type Connectors, usableWith } from './domain/axis/connector.ts'
import type { CertificateEnd } from './domain/certificate-end.ts'
import type { UsableChannels } from './domain/channel-id.ts'
import { DEFAULT_LIMITS } from './edxml/parse-packet.ts'
import type { IntakeDependencies } from './intake/submission.ts'
import { timestamping } from './intake/timestamping.ts'
import { InboxWaiters } from './receipts/inbox-waiters.ts'
import { keyOpener } from './sealing/open-key.ts'
import type { SealingDependencies } from './sealing/seal-document.ts'
import { type SecretBox, secretBox } from './sealing/secret-box.ts'
import type { Signer } from './signature/keys/signer.ts'
import { createRingSealer, openSignerRing, type SignerRing } from './signature/keys/signer-ring.ts'
import { loadPolicies } from './signature/policy/load-policies.ts'
import { mayAsk, NO_REVOCATION_SOURCE } from './signature/x509/revocation.ts'

/** Fields that must never reach a log, wherever they stand. */
const REDACTED = [
  'authorization',
  'cookie',
  'client_secret',
  'client_assertion',
  'password',
  'passphrase',
  'pin',
  'secret',
  'token',
]

/** What every process has. */
export interface BaseContext {
  readonly config: Config
  readonly log: Logger
  readonly pool: Pool
  /** Ends connections to the database over which no answer will come. */
  readonly databaseWatch: SilenceWatch
  readonly blobs: BlobStore
  /** Who is who, and where it goes. */
  readonly registry: RegistryHolder
  /** The exchanges of which this gateway is a client; null where there are none. */
  readonly connectors: Connectors | null
  /** The channels that this installation can use. */
  readonly usable: UsableChannels
  close(): Promise<void>
}

/** What the API's process has beside it. */
export interface ApiContext extends BaseContext, IntakeDependencies {
  /** The keys of the gateway's seal. */
  readonly sealKeys: SignerRing
  /** Every certificate that this gateway lives by. */
  certificates(): Promise<readonly CertificateEnd[]>
  /** Whether there is anybody to ask about certificates at this moment. */
  asksRevocation(): boolean
  /** What seals the documents of agencies that keep their keys here. */
  readonly sealing: SealingDependencies
  /** Closes and opens what is kept of agencies' keys; null where none are. */
  readonly agencySecrets: SecretBox | null
  /** Systems of the axis interface; null where their secrets are not kept here (TRAM_AXIS_SECRETS). */
  readonly axisSystems: AxisSystems | null
  /** The exchanges that this process fetches from. */
  readonly exchanges: Exchanges
  /** How that goes, for each of them; filled by who does it. */
  readonly pollWatches: Set<PollWatch>
  readonly waiters: InboxWaiters
  /** Who may hand something in, and when. */
  readonly admission: Admission
  readonly queueProbe: QueueProbe
}

export interface AxisSystems {
  /** Closes and opens what is kept of their secrets. */
  readonly box: SecretBox
  readonly find: FindAxisSystem
}

export interface WorkerContext extends BaseContext, DeliverDependencies {
  /** The exchanges that this process asks. */
  readonly exchanges: Exchanges
  /** What lifts seals, opened when it is first asked for; null where there is no time-stamping authority. */
  stamping(): Promise<Stamping | null>
}

export interface Overrides {
  readonly log?: Logger
  readonly blobs?: BlobStore
}

/** What the API knows of the systems that call as they call the national axis. */
function openAxisSystems({ config, pool, log }: BaseContext): AxisSystems | null {
  if (config.axisSecret === null) return null
  const box = secretBox(config.axisSecret, 'axis-secrets')
  const onUnopened = (systemId: string, error: unknown) =>
    log.error({ err: error, systemId }, 'a secret of a system of the axis interface cannot be opened')
  return { box, find: knownAxisSystems(pool, box, { onUnopened }) }
}

/** The log of a process: JSON lines on `destination`, on standard output where none is given. */
export const createLog = (config: Config, destination?: DestinationStream): Logger => {
  const options = {
    level: config.logLevel,
    base: { pid: process.pid },
    redact: {
      paths: REDACTED.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/**
 * Milliseconds until the database counts as silent. Callers of the API are told 503 within two seconds; nobody waits for
 * a worker, whose sendings would be broken off.
 */
const PATIENCE_MS = { 'tram-api': 1_250, 'tram-worker': 4_000 } as const

const watchDatabase = (databaseUrl: string, patienceMs: number, log: Logger): SilenceWatch =>
  watchForSilence({
    databaseUrl,
    patienceMs,
    onChange: (silent) =>
      silent
        ? log.error('the database does not answer; its connections are ended')
        : log.info('the database answers again'),
  })

async function createBase(
  config: Config,
  overrides: Overrides,
  applicationName: keyof typeof PATIENCE_MS,
): Promise<BaseContext> {
  const log = overrides.log ?? createLog(config)
  const databaseWatch = watchDatabase(config.databaseUrl, PATIENCE_MS[applicationName], log)
  const pool = createPool({
    databaseUrl: config.databaseUrl,
    max: config.databasePool,
    applicationName,
    onError: (error) => log.warn({ err: error }, 'an idle database connection broke'),
    watch: databaseWatch,
  })
  const blobs = overrides.blobs ?? openProcessBlobs(config, pool, log, applicationName)
  const registry = await openRegistry({
    databaseUrl: config.databaseUrl,
    watch: databaseWatch,
    onFailure: (error) =>
      log.warn({ err: error }, 'the directory cannot be looked at; the last one stays in force'),
    onRecovery: () => log.info('the directory is looked at again'),
  })
  const close = async () => {
    await registry.close()
    await pool.end()
    databaseWatch.close()
  }
  const { connectors } = config
  const usable = usableWith(connectors)
  return { config, log, pool, databaseWatch, blobs, registry, connectors, usable, close }
}

/** In production, keys that lie in a folder or a token are looked at here: the configuration does not open them. */
const permittedIn =
  (mode: Config['mode']) =>
  ({ certificateChain }: Signer): void => {
    const isDevelopment = certificateChain.some(({ x509 }) => x509.issuer.includes(DEVELOPMENT_AUTHORITY))
    if (mode === 'production' && isDevelopment)
      throw new Error('the certificate of the seal was issued by a development authority')
  }

/** The keys of the gateway's seal. @throws SetupError naming the source where one cannot be used */
export const openSealKeys = (config: Config): Promise<SignerRing> =>
  named('TRAM_SEAL_KEY', openSignerRing(config.seal, permittedIn(config.mode)))

/** Makes what the API works with. @throws SetupError where a key, a certificate or the trust store cannot be read */
export async function createApiContext(config: Config, overrides: Overrides = {}): Promise<ApiContext> {
  const base = await createBase(config, overrides, 'tram-api')
  const policyFor = await named('TRAM_SIGNATURE_POLICY', loadPolicies(config.signaturePolicy ?? undefined))
  const sealKeys = await openSealKeys(config)
  const { trust, unwatch: unwatchTrust } = await watchTrust(config.trust, base.log)
  const queueProbe = createQueueProbe(config.queue)
  const wakeOutbox = coalescedNotify(base.pool, 'tram_outbox', (error) =>
    base.log.warn({ err: error }, 'the relay could not be woken; it will poll'),
  )
  const revocation = openRevocation(config, trust, base.log)
  const hasAuthority = config.stamping.urls.length > 0
  const tsa = openTsa(config, trust, base.pool)
  const exchanges = openExchanges(config.connectors, config.maxPacketBytes)
  const admission = createAdmission({ pool: base.pool, defaults: defaultLimits(config) })
  const agencySecrets = config.agencyKeysSecret === null ? null : secretBox(config.agencyKeysSecret)
  return {
    ...base,
    trust,
    revocation: revocation ?? NO_REVOCATION_SOURCE,
    asksRevocation: () => mayAsk(revocation),
    timestamping: hasAuthority ? timestamping(base.pool, config.stamping.graceSeconds) : null,
    traceId: config.connectors?.traceId ?? null,
    policyFor,
    sealing: {
      pool: base.pool,
      openKey: agencySecrets && keyOpener(agencySecrets, config.agencyKeysModules),
      stamp: tsa && (async (digest) => (await tsa.stamp(digest)).token),
    },
    agencySecrets,
    axisSystems: openAxisSystems(base),
    certificates: () => certificateEnds({ config, pool: base.pool, sealKeys, trust }),
    sealKeys,
    sealer: createRingSealer(sealKeys),
    receiptKeyAt: (time) => sealKeys.at(time),
    packetLimits: { ...DEFAULT_LIMITS, packetBytes: config.maxPacketBytes },
    wakeRelay: () => wakeOutbox(''),
    exchanges,
    pollWatches: new Set(),
    waiters: new InboxWaiters(),
    admission,
    queueProbe,
    close: async () => {
      admission.close()
      unwatchTrust()
      sealKeys.close()
      await Promise.all([revocation?.close(), tsa?.close(), exchanges.close()])
      await queueProbe.close()
      await base.close()
    },
  }
}

/** Makes what a worker works with. */
export async function createWorkerContext(config: Config, overrides: Overrides = {}): Promise<WorkerContext> {
  const base = await createBase(config, overrides, 'tram-worker')
  const exchanges = openExchanges(config.connectors, config.maxPacketBytes)
  const push = {
    signingKeyPem: config.push.key,
    permittedNetworks: config.push.networks,
    allowHttp: config.push.allowHttp,
    timeoutMs: 15_000,
    authorities: config.push.authorities ?? undefined,
  }
  const channels = createChannels(push, {
    pool: base.pool,
    blobs: base.blobs,
    exchanges,
    onUnprepared: (error, about) =>
      base.log.warn({ err: error, ...about }, 'a packet could not be made ready for another exchange'),
  })
  const wake = coalescedNotify(base.pool, 'tram_inbox', (error) =>
    base.log.warn({ err: error }, 'readers of an inbox could not be woken; they will look again'),
  )
  const worker = `worker:${hostname()}:${process.pid}`
  let stamping: Promise<Stamping | null> | undefined
  const openOnce = () => {
    stamping ??= openStamping(config, base, worker).catch((error: unknown) => {
      stamping = undefined
      throw error
    })
    return stamping
  }
  return {
    ...base,
    stamping: openOnce,
    close: async () => {
      await (await stamping?.catch(() => null))?.close()
      await exchanges.close()
      await base.close()
    },
    channels,
    exchanges,
    worker,
    leaseSeconds: config.worker.leaseSeconds,
    endpointReturns: new EndpointReturns(),
    wakeInbox: wake,
  }
}

/** The public half of the key that signs notices, as receivers configure it (Standard Webhooks `whpk_`). */
export function pushPublicKey(config: Config): string {
  const { x } = createPublicKey(config.push.key).export({ format: 'jwk' })
  return `whpk_${Buffer.from(x ?? '', 'base64url').toString('base64')}`
}
