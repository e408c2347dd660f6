import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TlsConfig } from '../../src/config/settings.ts'
import { migrate } from '../../src/db/migrate.ts'
import { createAxisSystem } from '../../src/directory/axis-systems.ts'
import { knownAxisSystems } from '../../src/directory/axis-systems-known.ts'
import type { AxisRight } from '../../src/domain/axis/axis-system.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { buildAxisApp } from '../../src/http/axis-door/app.ts'
import { type SecretBox, secretBox } from '../../src/sealing/secret-box.ts'
import { type TestGateway, testGateway } from '../../test/support/gateway.ts'
import { agencyFacts, recordFacts } from '../../test/support/record-facts.ts'
import type { Teardown } from '../../test/support/temporary-folder.ts'
import { startServices } from '../services/index.ts'
import { serverCertificate, trustStore } from './trust.ts'

/** Communes beside the agencies of every test: as many as a circular may have recipients. */
export const CIRCULAR = Array.from({ length: 600 }, (_, at) => `H91.${1_000 + at}`)
/** Requests of one system in one minute, at the door that has little patience. */
export const FEW = 3

export type DoorName = 'plain' | 'tls' | 'limited'
export type SystemId = 'dms.ministry' | 'dms.province' | 'dms.city'

export interface World {
  readonly gateway: TestGateway
  /** Addresses of the doors, as `service.endpoint` holds them. */
  readonly doors: Readonly<Record<DoorName, string>>
  readonly secrets: Readonly<Record<SystemId, string>>
  /** Hours by which the doors' clock is ahead of the clients'. */
  skewHours: number
  /** The virtual machine's options by which it trusts the CA of the door with TLS. */
  readonly trust: readonly string[]
  /** Takes packets, and what clients store. */
  readonly folder: string
  stopDatabase(): Promise<void>
}

const SYSTEMS: Readonly<Record<SystemId, { readonly code: string; readonly rights: readonly AxisRight[] }>> =
  {
    'dms.ministry': { code: 'G90', rights: [] },
    'dms.province': { code: 'H90', rights: ['register-agencies'] },
    'dms.city': { code: 'H91', rights: [] },
  }

/** A gateway with an invented directory, and its axis door three times: plain, with TLS, and with little patience. */
export async function openWorld(until: Teardown, folder: string): Promise<World> {
  const services = await startServices({
    folder: join(folder, 'services'),
    queue: 'postgres',
    durable: false,
    given: {},
  })
  until.teardown(() => services.stop())
  await migrate(services.databaseUrl)
  const given = { databaseUrl: services.databaseUrl, redisUrl: null }
  const gateway = await testGateway(until, given, { TRAM_LOG_LEVEL: process.env.TRAM_LOG_LEVEL ?? 'silent' })
  const { pool, registry } = gateway.api
  const communes = CIRCULAR.map((code) => agencyFacts({ code, name: `Xã ${code}`, parent: 'H91' }))
  await recordFacts(pool, communes.flat())
  await registry.upToDate(pool)
  await mkdir(join(folder, 'store'))
  const box = secretBox('a key that lies outside of the database', 'axis-secrets')
  const secrets = await createSystems(gateway, box)
  const time = { skewHours: 0 }
  const now = () => new Date(Date.now() + time.skewHours * 3_600_000)
  const open = async (tls: TlsConfig | null, rateLimit = 100_000): Promise<string> => {
    const systems = { box, find: knownAxisSystems(pool, box) }
    const app = await buildAxisApp(gateway.api, { systems, tls, rateLimit, now })
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    until.teardown(() => app.close())
    const origin = tls === null ? url.origin : `https://localhost:${url.port}`
    return `${origin}/XrdAdapter/RestService/edoc`
  }
  const doors = {
    plain: await open(null),
    tls: await open(serverCertificate(gateway.ca)),
    limited: await open(null, FEW),
  }
  const trust = await trustStore(gateway.ca, folder)
  return Object.assign(time, {
    gateway,
    doors,
    secrets,
    trust,
    folder,
    stopDatabase: () => services.stop(),
  })
}

async function createSystems({ api }: TestGateway, box: SecretBox): Promise<Record<SystemId, string>> {
  const secretOf = async (systemId: SystemId): Promise<string> => {
    const { code, rights } = SYSTEMS[systemId]
    const agency = agencyCode(code)
    const wish = {
      systemId,
      name: systemId,
      agency,
      serves: [{ code: agency, withBeneath: rights.length > 0 }],
      rights,
      networks: [],
      certificateSha256: null,
      clockToleranceSeconds: 86_400,
    }
    return (await createAxisSystem(api.pool, box, wish, 'cli:vendor-client')).secret
  }
  return {
    'dms.ministry': await secretOf('dms.ministry'),
    'dms.province': await secretOf('dms.province'),
    'dms.city': await secretOf('dms.city'),
  }
}
