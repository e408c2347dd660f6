import { join } from 'node:path'
import pg from 'pg'
import { loadConfig } from '../../src/config.ts'
import { type ApiContext, createApiContext, createLog } from '../../src/context.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { type TestGateway, type TestServices, testGateway } from './gateway.ts'
import { documentPacket } from './packets.ts'
import { type TramOutcome, tram } from './run-tram.ts'
import { type Teardown, temporaryFolder } from './temporary-folder.ts'
import { createTestDatabase } from './test-database.ts'

/** What a sender keeps of a document: what it sent, and the receipt. */
export interface Sent {
  readonly document: DocumentKey
  readonly documentId: string
  readonly packet: Buffer
  readonly receipt: string
}

type Variables = Readonly<Record<string, string>>

/** A gateway, a folder of backups, and machines to restore on. */
export interface BackupWorld {
  readonly gateway: TestGateway
  /** Folder of backups. */
  readonly folder: string
  send(to?: readonly string[]): Promise<Sent>
  /** `tram …` as on the gateway's machine. */
  tram(...args: string[]): Promise<TramOutcome>
  /** A machine with an empty database and an empty blob store, and the gateway's keys. */
  emptyMachine(t: Teardown): Promise<Machine>
}

export interface Machine {
  readonly variables: Variables
  tram(...args: string[]): Promise<TramOutcome>
  /** The gateway's parts over what was restored. */
  open(): Promise<ApiContext>
  query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]>
}

/** @param services the gateway's own, where a test gives them */
export async function backupWorld(t: Teardown, services?: TestServices): Promise<BackupWorld> {
  const gateway = await testGateway(t, services)
  const folder = join(await temporaryFolder(t), 'backups')
  let serial = 0
  return {
    gateway,
    folder,
    async send(to = ['H90', 'H91']) {
      serial += 1
      const documentId = `G90,2026/11/20,${serial}/BTN-VP`
      // Some of them are small enough for the database, and some are files.
      const bytes = Buffer.from(`phụ lục ${serial} `.repeat(serial % 3 === 0 ? 4_000 : 200))
      const attachments = [{ name: `phu-luc-${serial}.txt`, type: 'text/plain', bytes }]
      const packet = await documentPacket({ from: 'G90', to, documentId, attachments })
      const { receipt, claims } = await gateway.submit('G90', packet)
      return { document: claims.document, documentId, packet, receipt }
    },
    tram: (...args) => tramUnder(gateway.variables, ...args),
    emptyMachine: (t) => emptyMachine(t, gateway.variables),
  }
}

async function emptyMachine(t: Teardown, variables: Variables): Promise<Machine> {
  const { url } = await createTestDatabase(t)
  const own = { ...variables, DATABASE_URL: url, TRAM_BLOBS: join(await temporaryFolder(t), 'blobs') }
  const query = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query<Row>(text)).rows
    } finally {
      await client.end()
    }
  }
  await query('drop schema public cascade; create schema public')
  return {
    variables: own,
    query,
    tram: (...args) => tramUnder(own, ...args),
    async open() {
      const config = loadConfig('api', own)
      const context = await createApiContext(config, { log: createLog(config) })
      t.teardown(() => context.close())
      return context
    },
  }
}

/** One at a time: commands read the variables of this process. */
async function tramUnder(variables: Variables, ...args: string[]): Promise<TramOutcome> {
  Object.assign(process.env, variables)
  if (!variables.REDIS_URL) delete process.env.REDIS_URL
  return tram(...args)
}
