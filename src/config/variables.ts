import { PLACES_BESIDE } from '../domain/agency-limit.ts'
import type { Bilingual } from '../domain/bilingual.ts'

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

const { urgent, notice } = PLACES_BESIDE
const BESIDE = {
  vi: `ngoài ra có thêm ${urgent} chỗ cho hỏa tốc (\`Priority: u=0\`), và ${notice - urgent} chỗ nữa chỉ cho trạng thái và thu hồi qua API`,
  en: `there are ${urgent} places more for what is most urgent (\`Priority: u=0\`), and ${notice - urgent} again for statuses and recalls by the API alone`,
} satisfies Bilingual

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
  TRAM_SMALL_BLOBS: {
    purpose:
      'where new blobs of up to 32 KiB go: database, or files for as long as processes of a release before migration 0024 serve, which find no others; they are read wherever they are',
    usedBy: ['api', 'worker'],
    default: 'database',
  },
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
  TRAM_SEAL_KEY: {
    purpose:
      "key of the gateway's seal: a PEM or PKCS#12 file, a `pkcs11:` URI, or a folder of keys of which the newest valid one seals",
    usedBy: ['api'],
  },
  TRAM_SEAL_CHAIN: {
    purpose: 'PEM file: certificate of the seal, then its issuers; where they do not lie with the key',
    usedBy: ['api'],
    default: null,
  },
  TRAM_SEAL_PASSPHRASE: {
    purpose: "passphrase of the seal's key files, or PIN of its token",
    usedBy: ['api'],
    default: null,
    secret: true,
  },
  TRAM_SEAL_PASSPHRASE_FILE: {
    purpose: 'file that holds it, instead',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AGENCY_KEYS_SECRET: {
    purpose:
      'file with a random text of at least 32 characters, under which the seal keys of agencies are kept; without it none are',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AGENCY_KEYS_MODULES: {
    purpose:
      'files of PKCS#11 modules, comma-separated, whose tokens may hold keys of agencies: no other is loaded',
    usedBy: ['api'],
    default: '',
  },
  TRAM_TRUST: {
    purpose:
      'folder of the trust anchors for signatures and timestamps; the API needs it, and a worker with TRAM_TSA_URL',
    usedBy: ['api', 'worker'],
    default: null,
  },
  TRAM_TSA_URL: {
    purpose:
      'time-stamping authorities (RFC 3161), comma-separated, tried in turn; without one seals stay B-B',
    usedBy: ['api', 'worker'],
    default: '',
    secret: true,
  },
  TRAM_TSA_TIMEOUT: {
    purpose: 'seconds that a time-stamping authority has for its answer',
    usedBy: ['api', 'worker'],
    default: '10',
  },
  TRAM_TSA_GRACE: {
    purpose: 'seconds for which documents are accepted while no timestamp can be had',
    usedBy: ['api'],
    default: '14400',
  },
  TRAM_TSA_CA: {
    purpose: "PEM file of further authorities of the time-stamping authorities' TLS certificates",
    usedBy: ['api', 'worker'],
    default: null,
  },
  TRAM_REVOCATION: {
    purpose: '`on` or `off`: whether OCSP responders and CRLs are asked about certificates',
    usedBy: ['api', 'worker'],
    default: 'on',
  },
  TRAM_REVOCATION_HOSTS: {
    purpose:
      'hosts that may be asked, comma-separated, `.ca.gov.vn` for all below it, on ports 80 (http) and 443 (https) unless another is named as in `ocsp.ca.gov.vn:8080`; those that the trust anchors name may be asked anyway',
    usedBy: ['api', 'worker'],
    default: '',
  },
  TRAM_REVOCATION_NETWORKS: {
    purpose: 'networks (CIDR, comma-separated) that those hosts may lie in although they are not public',
    usedBy: ['api', 'worker'],
    default: '',
  },
  TRAM_REVOCATION_TIMEOUT: {
    purpose: 'seconds that an OCSP responder or a publisher of CRLs has for its answer',
    usedBy: ['api', 'worker'],
    default: '5',
  },
  TRAM_SIGNATURE_POLICY: {
    purpose: 'file or folder of policies for signatures (JSON); the built-in one where none is given',
    usedBy: ['api'],
    default: null,
  },
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
  TRAM_CONNECTORS: {
    purpose:
      'JSON file of the exchanges of which this gateway is a client (docs/how-to/connectors.md); without it there are none',
    usedBy: ['api', 'worker', 'migrate'],
    default: null,
  },
  TRAM_MAX_PACKET_BYTES: { purpose: 'largest packet that is taken', usedBy: ['api'], default: '536870912' },
  TRAM_RATE_LIMIT: {
    purpose: 'requests of one agency in one minute, of all processes together, unless its own limit is set',
    usedBy: ['api'],
    default: '6000',
  },
  TRAM_STORAGE_QUOTA: {
    purpose:
      'bytes of packets that one agency may hand in and keep here, unless its own limit is set; 0: no quota',
    usedBy: ['api'],
    default: '0',
  },
  TRAM_HAND_OVER_SECONDS: {
    purpose:
      'seconds for which an API that was told to stop (SIGTERM) goes on serving while it says that it is not ready, so that its load balancer asks another; longer than that takes to notice',
    usedBy: ['api'],
    default: '5',
  },
  TRAM_MAX_CONCURRENT_SUBMISSIONS: {
    purpose: `submissions of one agency that are under way at once in one process, unless its own limit is set; ${BESIDE.en} · ${BESIDE.vi}`,
    usedBy: ['api'],
    default: '8',
  },
  TRAM_AXIS_PORT: {
    purpose:
      'port on which document systems call this gateway as they call the national axis; 0 takes a free one, without it there is no such door',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AXIS_HOST: {
    purpose: 'address that this door listens on',
    usedBy: ['api'],
    default: '127.0.0.1',
  },
  TRAM_AXIS_PUBLIC_URL: {
    purpose:
      'the URL by which systems know this door; in production https, unless the door speaks TLS itself: a proxy before it does',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AXIS_TLS_CERTIFICATE: {
    purpose: 'PEM file; with it this door speaks TLS itself. Where it is not given: that of the API',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AXIS_TLS_KEY: {
    purpose: 'PEM file; it goes with TRAM_AXIS_TLS_CERTIFICATE',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AXIS_TLS_CLIENT_CA: {
    purpose:
      'PEM file of the authorities of client certificates (mTLS) at this door. Where it is not given: those of the API',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AXIS_SECRETS: {
    purpose:
      'file with a random text of at least 32 characters, under which the secrets of systems of the axis interface are kept; their door needs it',
    usedBy: ['api'],
    default: null,
  },
  TRAM_AXIS_RATE_LIMIT: {
    purpose: 'requests of one system of the axis interface in one minute',
    usedBy: ['api'],
    default: '6000',
  },
  TRAM_AXIS_TRACE: {
    purpose:
      "true writes this gateway's TraceHeader (traceId of TRAM_CONNECTORS) into packets that document systems fetch at this door; otherwise they get the bytes as received",
    usedBy: ['api'],
    default: 'false',
  },
  TRAM_AXIS_SYNC: {
    purpose:
      'daily: the exchanges of TRAM_CONNECTORS are asked for their directory once a day, and what differs becomes a draft that waits for approval; off: only `tram axis sync` asks',
    usedBy: ['api'],
    default: 'off',
  },
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
    purpose: 'trace, debug, info, warn, error, fatal, silent',
    usedBy: ['api', 'worker', 'migrate'],
    default: 'info',
  },
} as const satisfies Record<string, VariableRow>

export type VariableName = keyof typeof CONFIG_VARIABLES
