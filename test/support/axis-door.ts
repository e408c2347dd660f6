import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { type ApiContext, createLog } from '../../src/context.ts'
import type { KnownAxisSystem } from '../../src/directory/axis-systems-known.ts'
import type { AxisSystem } from '../../src/domain/axis/axis-system.ts'
import { type AgencyCode, agencyCode } from '../../src/domain/identifiers.ts'
import { buildAxisApp } from '../../src/http/axis-door/app.ts'
import type { TestGateway } from './gateway.ts'
import type { Teardown } from './temporary-folder.ts'

export interface AxisDoor {
  readonly app: FastifyInstance
  readonly host: string
  readonly port: number
  readonly logged: () => string
  /** Those that it knows, by their ids: a test may take one away. */
  readonly systems: Map<string, KnownAxisSystem>
  /** Sends bytes as they are, and gives what came back until the other side closed or the answer was whole. */
  raw(bytes: Uint8Array): Promise<RawAnswer>
}

export interface RawAnswer {
  readonly status: number
  readonly head: string
  readonly body: Buffer
}

export interface AxisDoorOptions {
  readonly now?: () => Date
  readonly systems?: readonly TestSystem[]
  readonly context?: Partial<ApiContext>
  readonly config?: Partial<ApiContext['config']>
  readonly rateLimit?: number
  readonly mostHeaderBytes?: number
}

export interface TestSystem extends Partial<Omit<AxisSystem, 'serves'>> {
  readonly systemId: string
  readonly secrets?: readonly string[]
  readonly serves: readonly string[]
  readonly withBeneath?: boolean
}

/** The axis door of a gateway, on a free port, with systems that the test names. */
export async function axisDoor(
  t: Teardown,
  gateway: TestGateway,
  {
    now,
    systems = [],
    context: given = {},
    config: settings = {},
    rateLimit = 100_000,
    mostHeaderBytes,
  }: AxisDoorOptions = {},
): Promise<AxisDoor> {
  const lines: string[] = []
  const config = { ...gateway.api.config, logLevel: 'debug', ...settings }
  const log = createLog(config, { write: (line: string) => void lines.push(line) })
  const context: ApiContext = { ...gateway.api, ...given, config, log }
  const known = new Map(systems.map((system) => [system.systemId, knownSystem(system)]))
  for (const { system, caller } of known.values())
    await context.pool.query(
      `insert into client (client_id, role, agency_code, name) values ($1, 'agency', $2, $1) on conflict do nothing`,
      [system.systemId, caller.agency],
    )
  const find = async (systemId: string) => known.get(systemId)
  const app = await buildAxisApp(context, {
    systems: { find, box: { close: noBox, open: noBox } },
    tls: null,
    rateLimit,
    ...(now && { now }),
    ...(mostHeaderBytes !== undefined && { mostHeaderBytes }),
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const [address] = app.addresses()
  if (typeof address !== 'object') throw new Error('the door listens nowhere')
  const { port } = address
  return {
    app,
    host: '127.0.0.1',
    port,
    logged: () => lines.join(''),
    systems: known,
    raw: (bytes) => rawRequest(port, bytes),
  }
}

const noBox = (): never => {
  throw new Error('the door opens no secrets itself')
}

function knownSystem({
  secrets = ['test-secret'],
  serves,
  withBeneath = false,
  ...given
}: TestSystem): KnownAxisSystem {
  const codes: AgencyCode[] = serves.map(agencyCode)
  const system: AxisSystem = {
    name: given.systemId,
    agency: codes[0]!,
    serves: codes.map((code) => ({ code, withBeneath })),
    rights: [],
    networks: [],
    certificateSha256: null,
    clockToleranceSeconds: 86_400,
    revokedAt: null,
    proposal: null,
    ...given,
  }
  return { system, secrets, caller: { clientId: system.systemId, role: 'agency', agency: system.agency } }
}

/** One request over a connection of its own, byte for byte. */
export async function rawRequest(port: number, bytes: Uint8Array): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    if (isWhole(Buffer.concat(chunks))) break
  }
  socket.destroy()
  return split(Buffer.concat(chunks))
}

const END_OF_HEAD = '\r\n\r\n'

/** Past a `100 Continue`, whole once the body has the length that its head tells. */
function isWhole(all: Buffer): boolean {
  const { head, body } = split(all)
  const length = /^content-length: (\d+)$/im.exec(head)?.[1]
  return length !== undefined && body.length >= Number(length)
}

function split(all: Buffer): RawAnswer {
  const end = all.indexOf(END_OF_HEAD)
  const head = all.subarray(0, Math.max(0, end)).toString('latin1')
  const body = all.subarray(end + END_OF_HEAD.length)
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0)
  return status === 100 ? split(body) : { status, head, body }
}
