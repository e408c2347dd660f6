import type { ChildProcess } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config.ts'
import { migrate } from '../../../src/db/migrate.ts'
import { createAxisSystem } from '../../../src/directory/axis-systems.ts'
import { seedDirectory } from '../../../src/directory/seed/seed-directory.ts'
import { DEFAULT_CLOCK_TOLERANCE_SECONDS } from '../../../src/domain/axis/axis-system.ts'
import type { NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { migrateQueue } from '../../../src/queue/backend.ts'
import { secretBox } from '../../../src/sealing/secret-box.ts'
import { devEnvironment } from '../../dev-environment.ts'
import type { DevCa } from '../../make-certs.ts'
import { freePort } from '../../services/free-port.ts'
import { asShell, createOperators, type Operators, withDemoPool } from '../gateway.ts'
import { type HttpClient, httpClient } from '../http-client.ts'
import { endProcess, killProcess, start } from '../processes.ts'

/** Which gateway it is, and what it stands on. */
export interface MemberPlan {
  readonly name: string
  /** The agency that runs it: its seals are in that agency's name, and TraceHeaders say its code. */
  readonly agency: { readonly code: string; readonly name: string }
  /** Whose systems are connected to it, each with everybody beneath. */
  readonly home: readonly string[]
  /** Takes its blobs, keys and configuration of this run. */
  readonly folder: string
  /** Development certificates; its CA is made where it is not there. */
  readonly certificates: string
  readonly databaseUrl: string
  readonly redisUrl: string | null
  /** What the directory knows. */
  readonly facts: readonly NewFact[]
  /** Beside those of every member. */
  readonly variables?: Readonly<Record<string, string>>
}

/** One of the gateways: a database, a blob store, keys and ports of its own, and real processes. */
export interface Member {
  readonly plan: MemberPlan
  readonly ca: DevCa
  readonly baseUrl: string
  readonly axisUrl: string
  readonly operators: Operators
  readonly variables: Readonly<Record<string, string>>
  /** Gives an account to another gateway, as `tram axis-system create` does; answers its secret. */
  admit(other: MemberPlan): Promise<string>
  /** Writes the file of its connectors. It is read as the processes start. */
  connectTo(others: readonly OtherGateway[]): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL, to everything at once. */
  kill(): Promise<void>
  as(who: keyof Operators): HttpClient
}

export interface OtherGateway {
  readonly plan: MemberPlan
  readonly axisUrl: string
  readonly secret: string
}

/** That the other gateway is away is part of the story: warnings of it are not shown. */
const ERRORS = 50

/** The id by which one gateway knows another's system. */
export const systemIdOf = ({ name }: Pick<MemberPlan, 'name'>): string => `tram-${name}`

/** A gateway whose database, directory and operators are there, and whose processes are still to be started. */
export async function prepareMember(plan: MemberPlan): Promise<Member> {
  const { name, folder, certificates, databaseUrl, redisUrl, agency } = plan
  const [port, axisPort] = [await freePort(), await freePort()]
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const environment = await devEnvironment({
    folder,
    certificates,
    databaseUrl,
    redisUrl,
    port,
    agencies: [agency],
  })
  const connectors = join(folder, 'connectors.json')
  const variables: Record<string, string> = {
    ...environment.variables,
    TRAM_LOG_LEVEL: 'warn',
    TRAM_SEAL_KEY: join(certificates, `agency-${agency.code}.key.pem`),
    TRAM_SEAL_CHAIN: join(certificates, `agency-${agency.code}.pem`),
    TRAM_AXIS_PORT: String(axisPort),
    TRAM_CONNECTORS: connectors,
    ...plan.variables,
  }
  await writeConnectors(connectors, plan, [])
  await migrate(databaseUrl)
  await migrateQueue({ kind: redisUrl === null ? 'postgres' : 'redis', url: redisUrl ?? databaseUrl })
  await withDemoPool(variables, (pool) => seedDirectory(pool, { clientId: 'demo' }, plan.facts, 'demo'))
  const operators = await createOperators(variables)
  await writeFile(join(folder, 'env'), asShell(variables), { mode: 0o600 })
  const processes = new Map<string, ChildProcess>()
  const baseUrl = `http://127.0.0.1:${port}`
  return {
    plan,
    ca: environment.ca,
    baseUrl,
    axisUrl: `http://127.0.0.1:${axisPort}/axis`,
    operators,
    variables,
    admit: (other) => admit(variables, other),
    connectTo: (others) => writeConnectors(connectors, plan, others),
    async start() {
      await Promise.all([
        start(processes, `${name} api`, ['serve'], variables, ERRORS),
        start(processes, `${name} worker`, ['worker'], variables, ERRORS),
      ])
    },
    async stop() {
      await Promise.all([...processes.values()].map(endProcess))
    },
    async kill() {
      await Promise.all([...processes.values()].map(killProcess))
    },
    as: (who) => httpClient(baseUrl, operators[who]),
  }
}

/** An operator on the machine gives alone what takes two administrators over HTTP. */
async function admit(
  variables: Readonly<Record<string, string>>,
  { agency, home, ...other }: MemberPlan,
): Promise<string> {
  const { axisSecret } = loadConfig('api', variables)
  const box = secretBox(axisSecret ?? '', 'axis-secrets')
  const system = {
    systemId: systemIdOf(other),
    name: `Trục ${agency.name}`,
    agency: agencyCode(agency.code),
    serves: [...new Set([agency.code, ...home])].map((code) => ({
      code: agencyCode(code),
      withBeneath: home.includes(code),
    })),
    rights: ['gateway'] as const,
    networks: ['127.0.0.0/8'],
    certificateSha256: null,
    clockToleranceSeconds: DEFAULT_CLOCK_TOLERANCE_SECONDS,
  }
  const { secret } = await withDemoPool(variables, (pool) => createAxisSystem(pool, box, system, 'cli:demo'))
  return secret
}

async function writeConnectors(
  path: string,
  plan: MemberPlan,
  others: readonly OtherGateway[],
): Promise<void> {
  const connectors = await Promise.all(
    others.map(async (other) => {
      const secretFile = `${path}.${other.plan.name}.secret`
      await writeFile(secretFile, other.secret, { mode: 0o600 })
      return {
        name: other.plan.name,
        channel: 'gateway',
        gateway: other.plan.agency.code,
        url: other.axisUrl,
        systemId: systemIdOf(plan),
        secretFile,
        pollSeconds: 1,
      }
    }),
  )
  await writeFile(path, JSON.stringify({ traceId: plan.agency.code, home: plan.home, connectors }, null, 2))
}
