import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Connector, Connectors } from '../domain/axis/connector.ts'
import { agencyCode } from '../domain/identifiers.ts'

const Text = Type.String({ minLength: 1, maxLength: 500 })
/** Goes into headers and TraceHeaders: letters, digits and what codes of agencies have. */
const Code = Type.String({ pattern: '^[A-Za-z0-9._-]{1,100}$' })

const ConnectorEntry = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 60 }),
    channel: Type.Union([Type.Literal('national-axis'), Type.Literal('gateway')]),
    gateway: Type.Optional(Code),
    url: Text,
    systemId: Code,
    secretFile: Text,
    addsTraceHeader: Type.Optional(Type.Boolean()),
    pollSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 600 })),
    authoritiesFile: Type.Optional(Text),
    certificateFile: Type.Optional(Text),
    keyFile: Type.Optional(Text),
  },
  { additionalProperties: false },
)

const ConnectorsFile = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    traceId: Code,
    home: Type.Array(Code, { minItems: 1, maxItems: 1_000 }),
    connectors: Type.Array(ConnectorEntry, { maxItems: 100 }),
  },
  { additionalProperties: false },
)

type Entry = Static<typeof ConnectorEntry>

export interface ReadingConnectors {
  /** Whether secrets, certificates and keys are read; who only asks which connectors there are needs none. */
  readonly secrets: boolean
  /** Development only: lets a connector be plain http. */
  readonly allowHttp: boolean
  /** Gathers everything that is wrong. */
  readonly faults: string[]
}

const DEFAULTS = { pollSeconds: 60, timeoutSeconds: 60 }

/**
 * Reads the file that names the exchanges of which this gateway is a client. Paths in it are meant from its own folder.
 * Null where it cannot be used; what is wrong stands in `faults`, all of it, and no secret does.
 */
export function readConnectors(path: string, reading: ReadingConnectors): Connectors | null {
  const before = reading.faults.length
  const tell = (fault: string) => reading.faults.push(`TRAM_CONNECTORS: ${fault}`)
  const content = parse(path, tell)
  if (content === undefined) return null
  const shape = faultsOfShape(ConnectorsFile, content)
  for (const fault of shape) tell(fault)
  if (shape.length > 0) return null
  const { traceId, home, connectors } = content as Static<typeof ConnectorsFile>
  for (const fault of faultsTogether(connectors)) tell(fault)
  const files = filesIn(dirname(path), tell)
  const all = connectors.map((entry) => {
    for (const fault of faultsOf(entry, reading.allowHttp)) tell(`${entry.name}: ${fault}`)
    return reading.secrets ? withSecrets(entry, files, tell) : bare(entry)
  })
  if (reading.faults.length > before) return null
  return { traceId, home: home.map(agencyCode), all }
}

type Tell = (fault: string) => void

function parse(path: string, tell: Tell): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    tell(error instanceof SyntaxError ? `${path} is no JSON` : `${path} cannot be read`)
    return undefined
  }
}

const faultsOfShape = (schema: TSchema, content: unknown): string[] =>
  Compile(schema)
    .Errors(content)
    .map(({ instancePath, message, params }) => {
      const extra = 'additionalProperties' in params ? `: ${String(params.additionalProperties)}` : ''
      return `${instancePath === '' ? '/' : instancePath} ${message}${extra}`
    })

/** What no entry has wrong by itself. */
function faultsTogether(entries: readonly Entry[]): string[] {
  const axes = entries.filter(({ channel }) => channel === 'national-axis')
  return [
    ...repeated(entries.map(({ name }) => name)).map((name) => `two connectors are called ${name}`),
    ...(axes.length > 1 ? ['there is one national axis, and two connectors to it'] : []),
    ...repeated(entries.flatMap(({ gateway }) => gateway ?? [])).map(
      (gateway) => `two connectors lead to the gateway of ${gateway}`,
    ),
  ]
}

const repeated = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
]

function faultsOf(entry: Entry, allowHttp: boolean): string[] {
  const { channel, gateway, url, addsTraceHeader, certificateFile, keyFile } = entry
  const { protocol, username, search, hash } = URL.canParse(url) ? new URL(url) : NO_URL
  const isSafe = protocol === 'https:' || (protocol === 'http:' && allowHttp)
  return [
    ...(isSafe ? [] : ['url must be https']),
    ...(username + search + hash === '' ? [] : ['url has no user, query or fragment']),
    ...(channel === 'gateway' && gateway === undefined
      ? ['gateway is missing: the code of the agency that runs it']
      : []),
    ...(channel === 'national-axis' && gateway !== undefined
      ? ['gateway belongs to the channel gateway alone']
      : []),
    ...(channel === 'gateway' && addsTraceHeader
      ? ['addsTraceHeader is for the national axis: packets go to gateways as they are']
      : []),
    ...((certificateFile === undefined) === (keyFile === undefined)
      ? []
      : ['certificateFile and keyFile go together']),
  ]
}

const NO_URL = { protocol: '', username: '', search: '', hash: '' }

const bare = (entry: Entry): Connector => ({
  name: entry.name,
  channel: entry.channel,
  gateway: entry.gateway === undefined ? null : agencyCode(entry.gateway),
  url: entry.url.replace(/\/+$/, ''),
  systemId: entry.systemId,
  secret: '',
  addsTraceHeader: entry.addsTraceHeader ?? false,
  pollSeconds: entry.pollSeconds ?? DEFAULTS.pollSeconds,
  timeoutMs: (entry.timeoutSeconds ?? DEFAULTS.timeoutSeconds) * 1_000,
  authorities: null,
  clientCertificate: null,
})

/** A connector with everything that it names. Keys and certificates are tried, so that no later process finds them unfit. */
function withSecrets(entry: Entry, read: (file: string) => string | undefined, tell: Tell): Connector {
  const { name, secretFile, authoritiesFile, certificateFile, keyFile } = entry
  const secret = read(secretFile)?.trim()
  if (secret === '') tell(`${name}: secretFile ${secretFile} is empty`)
  const authorities = (authoritiesFile !== undefined && read(authoritiesFile)) || null
  const certificate = certificateFile === undefined ? undefined : read(certificateFile)
  const key = keyFile === undefined ? undefined : read(keyFile)
  const clientCertificate = certificate && key ? { certificate, key } : null
  try {
    createSecureContext({
      ...(authorities !== null && { ca: authorities }),
      ...(clientCertificate !== null && { cert: certificate, key }),
    })
  } catch {
    tell(`${name}: its certificates or its key cannot be used`)
  }
  return { ...bare(entry), secret: secret ?? '', authorities, clientCertificate }
}

const filesIn =
  (folder: string, tell: Tell) =>
  (file: string): string | undefined => {
    try {
      return readFileSync(resolve(folder, file), 'utf8')
    } catch {
      tell(`${file} cannot be read`)
      return undefined
    }
  }
