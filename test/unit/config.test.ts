import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { devEnvironment } from '../../scripts/dev-environment.ts'
import { makeDevCertificates } from '../../scripts/make-certs.ts'
import {
  CONFIG_VARIABLES,
  ConfigError,
  loadConfig,
  type ProcessKind,
  printableConfig,
} from '../../src/config.ts'
import { PLACES_BESIDE } from '../../src/domain/agency-limit.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PROCESSES: readonly ProcessKind[] = ['api', 'worker', 'migrate']

const faultsOf = (process: ProcessKind, environment: Record<string, string>): readonly string[] => {
  try {
    loadConfig(process, environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const folder = await temporaryFolder(t)
const database = 'postgres://tram:geheim@127.0.0.1:5432/tram'
const { variables } = await devEnvironment({ folder, databaseUrl: database, redisUrl: null })

/** Keys and anchors that nobody could take for those of development. */
async function productionEnvironment(): Promise<Record<string, string>> {
  const keys = join(folder, 'keys')
  await mkdir(join(keys, 'trust'), { recursive: true })
  for (const name of ['seal.key', 'seal', 'token', 'push']) await writeFile(join(keys, `${name}.pem`), 'PEM')
  return {
    DATABASE_URL: database,
    TRAM_BLOBS: join(folder, 'blobs'),
    TRAM_PUBLIC_URL: 'https://tram.example.vn/',
    TRAM_SEAL_KEY: join(keys, 'seal.key.pem'),
    TRAM_SEAL_CHAIN: join(keys, 'seal.pem'),
    TRAM_TRUST: join(keys, 'trust'),
    TRAM_TOKEN_KEY: join(keys, 'token.pem'),
    TRAM_PUSH_KEY: join(keys, 'push.pem'),
  }
}
const production = await productionEnvironment()

t.test('the development environment is complete for each process', async (t) => {
  for (const process of PROCESSES) t.strictSame(faultsOf(process, variables), [], process)
  const config = loadConfig('api', variables)
  t.equal(config.mode, 'development')
  t.match(config.tokenKey, /BEGIN PRIVATE KEY/, 'PEM files are read once, here')
  t.equal(config.seal.path, variables.TRAM_SEAL_KEY, 'the keys of the seal are exchanged while it runs')
  t.strictSame(config.queue, { kind: 'postgres', url: database })
  const withRedis = loadConfig('api', { ...variables, REDIS_URL: 'redis://127.0.0.1:6379' })
  t.strictSame(withRedis.queue, { kind: 'redis', url: 'redis://127.0.0.1:6379' })
})

t.test('the configuration cannot be changed, at any depth', async (t) => {
  const config = loadConfig('worker', variables)
  for (const part of [config, config.push, config.push.networks, config.worker, config.http])
    t.ok(Object.isFrozen(part))
})

async function shortSecret(): Promise<string> {
  const path = join(folder, 'short-secret')
  await writeFile(path, 'quá ngắn\n')
  return path
}

t.test('everything that is wrong is told at once', async (t) => {
  const faults = faultsOf('api', {
    TRAM_MODE: 'staging',
    TRAM_PORT: '65536',
    TRAM_RATE_LIMIT: '0',
    TRAM_MAX_PACKET_BYTES: '1.5',
    TRAM_PUBLIC_URL: 'tram.example.vn',
    TRAM_PUSH_HTTP: 'yes',
    TRAM_LOG_LEVEL: 'loud',
    TRAM_AGENCY_KEYS_SECRET: await shortSecret(),
    TRAM_SEAL_KEY: join(folder, 'absent.pem'),
    TRAM_TLS_KEY: variables.TRAM_SEAL_KEY!,
  })
  const wanted = [
    /TRAM_MODE must be one of/,
    /TRAM_PORT must be a whole number of 0 to 65535/,
    /TRAM_RATE_LIMIT must be/,
    /TRAM_MAX_PACKET_BYTES must be/,
    /TRAM_PUBLIC_URL is not a URL/,
    /TRAM_PUSH_HTTP must be one of false, true/,
    /TRAM_LOG_LEVEL must be one of/,
    /TRAM_AGENCY_KEYS_SECRET holds less than 32/,
    /TRAM_SEAL_KEY: .*absent\.pem cannot be read/,
    /TRAM_TLS_CERTIFICATE and TRAM_TLS_KEY go together/,
    /DATABASE_URL is missing/,
    /TRAM_BLOBS is missing/,
    /TRAM_TRUST is missing/,
    /TRAM_TOKEN_KEY is missing/,
    /TRAM_PUSH_KEY is missing/,
  ]
  for (const each of wanted)
    t.ok(
      faults.some((fault) => each.test(fault)),
      String(each),
    )
})

t.test('a process is asked only for what it reads', async (t) => {
  t.strictSame(faultsOf('migrate', { DATABASE_URL: database }), [])
  const worker = { DATABASE_URL: database, TRAM_BLOBS: folder, TRAM_PUSH_KEY: production.TRAM_PUSH_KEY! }
  t.strictSame(faultsOf('worker', worker), [])
  t.strictSame(faultsOf('worker', { ...worker, TRAM_PORT: 'not for workers' }), [])
})

t.test('an empty variable is one that is not set', async (t) => {
  const empty = Object.fromEntries(Object.keys(CONFIG_VARIABLES).map((name) => [name, '']))
  t.strictSame(faultsOf('migrate', { ...empty, DATABASE_URL: database }), [])
  t.strictSame(faultsOf('api', empty), faultsOf('api', {}))
})

t.test('the door of the axis interface', async (t) => {
  const file = async (name: string, content: string) => {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }
  const secrets = await file('axis-secrets', `${'bí mật ngẫu nhiên '.repeat(3)}\n`)
  const on = { ...production, TRAM_AXIS_PORT: '8443', TRAM_AXIS_SECRETS: secrets }
  const api = {
    TRAM_TLS_CERTIFICATE: await file('api.pem', 'API'),
    TRAM_TLS_KEY: await file('api.key', 'API KEY'),
    TRAM_TLS_CLIENT_CA: await file('api.ca', 'API CA'),
  }
  const own = {
    TRAM_AXIS_TLS_CERTIFICATE: await file('axis.pem', 'AXIS'),
    TRAM_AXIS_TLS_KEY: await file('axis.key', 'AXIS KEY'),
  }

  t.test('is not there without a port', async (t) => {
    t.equal(loadConfig('api', production).axis, null)
    const config = loadConfig('api', { ...production, TRAM_AXIS_SECRETS: secrets })
    t.equal(config.axis, null)
    t.match(config.axisSecret, /^bí mật .* nhiên$/, 'yet systems can be looked after')
    t.match(
      faultsOf('api', { ...variables, TRAM_AXIS_PORT: '0', TRAM_AXIS_SECRETS: '' }).join(),
      /TRAM_AXIS_PORT needs TRAM_AXIS_SECRETS/,
    )
  })

  t.test('writes TraceHeaders where that is wished, under the name of this gateway', async (t) => {
    const known = { ...on, TRAM_AXIS_PUBLIC_URL: 'https://truc.example.vn' }
    t.equal(loadConfig('api', known).axis?.writesTrace, false)
    const wished = { ...known, TRAM_AXIS_TRACE: 'true' }
    t.match(faultsOf('api', wished).join(), /TRAM_AXIS_TRACE needs TRAM_CONNECTORS/)
    const connectors = JSON.stringify({ traceId: '000.00.00.H90', home: ['H90'], connectors: [] })
    const named = { ...wished, TRAM_CONNECTORS: await file('connectors.json', connectors) }
    const { axis, connectors: read } = loadConfig('api', named)
    t.equal(axis?.writesTrace, true)
    t.equal(read?.traceId, '000.00.00.H90')
  })

  t.test('speaks TLS as the API does, or with certificates of its own', async (t) => {
    t.strictSame(loadConfig('api', { ...on, ...api }).axis?.tls, {
      certificate: 'API',
      key: 'API KEY',
      clientCa: 'API CA',
    })
    t.strictSame(loadConfig('api', { ...on, ...api, ...own }).axis?.tls, {
      certificate: 'AXIS',
      key: 'AXIS KEY',
      clientCa: 'API CA',
    })
    const ca = { TRAM_AXIS_TLS_CLIENT_CA: await file('axis.ca', 'AXIS CA') }
    t.equal(loadConfig('api', { ...on, ...api, ...ca }).axis?.tls?.clientCa, 'AXIS CA')
    const half = { TRAM_AXIS_TLS_KEY: own.TRAM_AXIS_TLS_KEY }
    t.match(
      faultsOf('api', { ...on, ...api, ...half }).join(),
      /TRAM_AXIS_TLS_CERTIFICATE and .* go together/,
    )
    const unused = { ...on, ...ca, TRAM_AXIS_PUBLIC_URL: 'https://truc.example.vn' }
    t.match(faultsOf('api', unused).join(), /TRAM_AXIS_TLS_CLIENT_CA needs/)
  })

  t.test('does not speak clear text in production', async (t) => {
    t.match(faultsOf('api', on).join(), /TRAM_AXIS_PORT without TLS/)
    t.match(
      faultsOf('api', { ...on, TRAM_AXIS_PUBLIC_URL: 'http://truc.example.vn' }).join(),
      /TRAM_AXIS_PORT without TLS/,
    )
    t.strictSame(
      faultsOf('api', { ...on, TRAM_AXIS_PUBLIC_URL: 'https://truc.example.vn' }),
      [],
      'behind a proxy that does',
    )
    t.strictSame(faultsOf('api', { ...on, ...own }), [])
    const development = { ...variables, TRAM_AXIS_PORT: '0', TRAM_AXIS_SECRETS: secrets }
    t.strictSame(faultsOf('api', development), [])
  })

  t.test('tells of a secret that is short, empty or not there, once', async (t) => {
    for (const content of ['', 'quá ngắn']) {
      const faults = faultsOf('api', { ...on, ...own, TRAM_AXIS_SECRETS: await file('weak', content) })
      t.strictSame(faults, ['TRAM_AXIS_SECRETS holds less than 32 characters'])
    }
    const faults = faultsOf('api', { ...on, ...own, TRAM_AXIS_SECRETS: join(folder, 'absent') })
    t.match(faults, [/TRAM_AXIS_SECRETS: .*absent cannot be read/])
    t.equal(faults.length, 1)
  })
})

t.test('production', async (t) => {
  t.test('is the mode where none is given', async (t) => {
    const config = loadConfig('api', production)
    t.equal(config.mode, 'production')
    t.equal(config.http.publicUrl, 'https://tram.example.vn', 'without the slash at its end')
  })

  t.test('refuses what only development may do', async (t) => {
    const faults = (changes: Record<string, string>) =>
      faultsOf('api', { ...production, ...changes }).join('\n')
    t.match(faults({ TRAM_PUSH_HTTP: 'true' }), /TRAM_PUSH_HTTP is for development/)
    t.match(faults({ TRAM_PUBLIC_URL: 'http://tram.example.vn' }), /TRAM_PUBLIC_URL must be https/)
    for (const name of ['TRAM_SEAL_KEY', 'TRAM_SEAL_CHAIN', 'TRAM_TRUST', 'TRAM_TOKEN_KEY', 'TRAM_PUSH_KEY'])
      t.match(faults({ [name]: `/srv/certs-dev/${name}.pem` }), new RegExp(`${name} points to development`))
    t.match(
      faultsOf('worker', { ...production, TRAM_PUSH_HTTP: 'true' }).join('\n'),
      /TRAM_PUSH_HTTP is for development/,
      'also in a worker',
    )
  })

  t.test('knows development certificates wherever they were copied', async (t) => {
    const copied = join(folder, 'copied')
    await mkdir(copied)
    await makeDevCertificates(copied, [])
    const faults = faultsOf('api', {
      ...production,
      TRAM_SEAL_CHAIN: join(copied, 'gateway-seal-p256.pem'),
      TRAM_TRUST: join(copied, 'trust'),
    })
    t.match(faults.join('\n'), /TRAM_SEAL_CHAIN was issued by a development authority/)
    t.match(faults.join('\n'), /TRAM_TRUST holds a development authority/)
    t.equal(faults.length, 2)
  })

  t.test('does not pretend to ask clients for certificates', async (t) => {
    const faults = faultsOf('api', { ...production, TRAM_TLS_CLIENT_CA: production.TRAM_SEAL_CHAIN! })
    t.strictSame(faults, ['TRAM_TLS_CLIENT_CA needs TRAM_TLS_CERTIFICATE'])
  })
})

t.test('what is printed holds no secret', async (t) => {
  const environment = { ...variables, REDIS_URL: 'redis://:geheim@127.0.0.1:6379' }
  for (const process of PROCESSES) {
    const printed = printableConfig(process, environment)
    t.notMatch(JSON.stringify(printed), /geheim/, process)
    t.equal(printed.DATABASE_URL, '***')
  }
  t.equal(printableConfig('api', {}).DATABASE_URL, '', 'what is not set shows as such')
  t.equal(printableConfig('api', { TRAM_PORT: '' }).TRAM_PORT, '8080', 'a default shows as it is used')
  t.notOk('TRAM_PORT' in printableConfig('worker', variables))
  const urls = Object.entries(CONFIG_VARIABLES).filter(
    ([name]) => name.endsWith('_URL') && !name.endsWith('_PUBLIC_URL'),
  )
  for (const [name, row] of urls) t.ok('secret' in row, `${name} may hold a password`)
})

t.test('the places beside those of an agency are told where theirs are, in both languages', (t) => {
  const { purpose } = CONFIG_VARIABLES.TRAM_MAX_CONCURRENT_SUBMISSIONS
  const { urgent, notice } = PLACES_BESIDE
  t.match(purpose, `there are ${urgent} places more for what is most urgent`)
  t.match(purpose, `${notice - urgent} again for statuses and recalls`)
  t.match(purpose, `thêm ${urgent} chỗ cho hỏa tốc`)
  t.match(purpose, `${notice - urgent} chỗ nữa chỉ cho trạng thái và thu hồi`)
  t.end()
})
