import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { LOCALE } from '../../scripts/services/postgres-initdb.ts'
import { COMPOSE_SETTINGS } from '../../scripts/services/postgres-settings.ts'
import {
  CONFIG_VARIABLES,
  loadConfig,
  type ProcessKind,
  type VariableName,
  type VariableRow,
} from '../../src/config.ts'
import { SEED_TIERS } from '../../src/domain/tier.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

interface ComposeService {
  readonly image: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: readonly string[] }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly read_only?: boolean
}

const fileOf = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8')
const text = await fileOf('docker-compose.yml')
const compose: {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: Readonly<Record<string, unknown>>
} = parse(text, { merge: true })
const dockerfile = await fileOf('Dockerfile')

const KIND_OF_COMMAND: Record<string, ProcessKind> = { serve: 'api', worker: 'worker', migrate: 'migrate' }
const tramServices = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('tram:'))
const kindOf = ({ command }: ComposeService): ProcessKind => KIND_OF_COMMAND[command[0]!]!
const rowOf = (name: string): VariableRow | undefined => CONFIG_VARIABLES[name as VariableName]

/** What Compose makes of `${NAME:-default}` and `${NAME:?message}`. */
const substitute = (value: string, given: Readonly<Record<string, string>>): string =>
  value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, rest: string) => {
    const known = given[name]
    if (known) return known
    if (kind === '-') return rest
    throw new Error(`${name} ${rest}`)
  })

t.test(
  'the services are the database, Redis, the migration, the API and a worker for every tier',
  async (t) => {
    const workers = tramServices.filter(([, service]) => kindOf(service) === 'worker')
    t.strictSame(
      workers.map(([name, { environment }]) => [name, environment.TRAM_TIERS]),
      SEED_TIERS.map(({ code }) => [`worker-${code}`, code]),
    )
    const others = Object.keys(compose.services).filter((name) => !name.startsWith('worker-'))
    t.strictSame(others.sort(), ['api', 'migrate', 'postgres', 'redis'])
  },
)

for (const [name, service] of tramServices) {
  t.test(`${name} gets what its process reads, and nothing else`, async (t) => {
    const kind = kindOf(service)
    for (const variable of Object.keys(service.environment)) {
      t.ok(rowOf(variable)?.usedBy.includes(kind), `${variable} is read by ${kind}`)
    }
    const known = Object.keys(CONFIG_VARIABLES).filter((variable) => rowOf(variable)?.usedBy.includes(kind))
    for (const variable of known) t.ok(service.environment[variable], `${variable} is set or passed on`)
    t.equal(service.read_only, true)
  })

  t.test(`the configuration of ${name} is usable as soon as the secrets are given`, async (t) => {
    const folder = await temporaryFolder(t)
    for (const file of ['seal.key.pem', 'seal.pem', 'token.key.pem', 'push.key.pem']) {
      await writeFile(join(folder, file), 'PEM')
    }
    const given = {
      POSTGRES_PASSWORD: 'p1',
      REDIS_PASSWORD: 'p2',
      TRAM_PUBLIC_URL: 'https://tram.example.vn',
    }
    const environment = Object.fromEntries(
      Object.entries(service.environment).map(([variable, value]) => {
        return [variable, substitute(value, given).replace('/run/tram/keys', folder)]
      }),
    )
    const config = loadConfig(kindOf(service), environment)
    t.equal(config.mode, 'production')
    t.equal(config.queue.url, 'redis://:p2@redis:6379')
    const settings = Object.entries(service.environment).filter(([, value]) => /^\$\{\w+:-\}$/.test(value))
    for (const [variable, value] of settings) {
      t.equal(value, `\${${variable}:-}`, 'under its own name')
      t.equal(substitute(value, { [variable]: 'given' }), 'given')
    }
    for (const missing of ['POSTGRES_PASSWORD', 'REDIS_PASSWORD']) {
      const without = { ...given, [missing]: '' }
      const fill = () => Object.values(service.environment).map((value) => substitute(value, without))
      t.throws(fill, new RegExp(`${missing} must be given`))
    }
  })
}

t.test(
  'a port and secrets for the axis interface, and connectors with theirs, reach who reads them',
  async (t) => {
    const keys = await temporaryFolder(t)
    for (const file of ['seal.key.pem', 'seal.pem', 'token.key.pem', 'push.key.pem'])
      await writeFile(join(keys, file), 'PEM')
    await writeFile(join(keys, 'axis-secrets'), 'một chuỗi ngẫu nhiên, đủ dài cho tệp này')
    await writeFile(join(keys, 'axis-secret'), 'bí mật')
    const connector = { name: 'national', channel: 'national-axis', url: 'https://truc.example.vn' }
    const entry = { ...connector, systemId: 'T', secretFile: 'axis-secret' }
    const file = { traceId: 'H90', home: ['H90'], connectors: [entry] }
    await writeFile(join(keys, 'connectors.json'), JSON.stringify(file))
    const given = {
      POSTGRES_PASSWORD: 'p1',
      REDIS_PASSWORD: 'p2',
      TRAM_PUBLIC_URL: 'https://tram.example.vn',
      TRAM_KEYS: '/srv/keys',
      TRAM_AXIS_PORT: '8191',
      TRAM_AXIS_SECRETS: '/run/tram/keys/axis-secrets',
      TRAM_AXIS_PUBLIC_URL: 'https://truc.example.vn',
      TRAM_CONNECTORS: '/run/tram/keys/connectors.json',
    }
    for (const [name, service] of tramServices) {
      const { volumes = [], environment } = service
      const mounted = volumes.map((volume) => substitute(volume, { ...given, TRAM_TRUST: '/srv/trust' }))
      t.ok(mounted.includes('/srv/keys:/run/tram/keys:ro'), `${name} has the folder, and cannot write it`)
      const filled = Object.entries(environment).map(([variable, value]) => {
        return [variable, substitute(value, given).replace('/run/tram/keys', keys)]
      })
      const config = loadConfig(kindOf(service), Object.fromEntries(filled))
      const secret = kindOf(service) === 'migrate' ? '' : 'bí mật'
      t.match(config.connectors, { traceId: 'H90', all: [{ name: 'national', secret }] }, name)
      if (kindOf(service) === 'api') t.match(config.axis, { host: '0.0.0.0', port: 8191 })
    }
    const ports = compose.services.api?.ports?.map((port) => substitute(port, given))
    t.strictSame(ports, ['127.0.0.1:8080:8080', '127.0.0.1:8191:8191'])
  },
)

t.test('no password stands in the file or has a default', async (t) => {
  for (const line of text.split('\n').filter((line) => /PASSWORD/.test(line) && !line.startsWith('#'))) {
    t.match(line, /\$\{\w+_PASSWORD:\?must be given\}/, line.trim())
  }
})

t.test('PostgreSQL and Redis keep what they are told', async (t) => {
  const { postgres, redis } = compose.services
  t.strictSame(postgres?.environment.POSTGRES_INITDB_ARGS?.split(' '), LOCALE, 'as the tests run')
  const settings = Object.entries(COMPOSE_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  t.strictSame(postgres?.command, ['postgres', ...settings], 'as the benchmarks run')
  t.notMatch(postgres?.command.join(' '), /fsync|full_page_writes|synchronous_commit/, 'safe by default')
  t.match(redis?.command.join(' '), /--appendonly yes --appendfsync everysec --maxmemory-policy noeviction/)
})

t.test('volumes, health and order', async (t) => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      if (/^\w+$/.test(source)) t.ok(source in compose.volumes, `${name}: ${source} is declared`)
    }
    for (const other of Object.keys(service.depends_on ?? {})) t.ok(other in compose.services)
  }
  for (const [name, service] of tramServices.filter(([, service]) => kindOf(service) !== 'migrate')) {
    t.ok(service.volumes?.includes(`blobs:${service.environment.TRAM_BLOBS}`), `${name} has the blobs`)
    t.equal(service.depends_on?.migrate?.condition, 'service_completed_successfully')
    const port = service.environment.TRAM_WORKER_PORT
    if (port !== undefined)
      t.strictSame(service.healthcheck?.test?.slice(-2), ['scripts/healthcheck.mjs', port])
  }
  t.match(dockerfile, /HEALTHCHECK .*"scripts\/healthcheck\.mjs", "8080"/)
  t.equal(compose.services.api?.environment.TRAM_PORT, '8080')
  t.match(dockerfile, /^USER node$/m)
  t.match(dockerfile, /npm ci --omit=dev/)
  t.match(dockerfile, /^RUN node scripts\/build\.ts$/m)
  t.match(dockerfile, /^ENTRYPOINT \["node", "--enable-source-maps", "dist\/src\/bin\/tram\.mjs"\]$/m)
})

t.test('the health check tells 200 from everything else', async (t) => {
  let status = 200
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/readyz' ? status : 404
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const check = async () => {
    const child = spawn(process.execPath, ['scripts/healthcheck.mjs', String(port)], { stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    return code
  }
  t.equal(await check(), 0)
  status = 503
  t.equal(await check(), 1)
  server.close()
  t.equal(await check(), 1, 'nobody answers')
})
