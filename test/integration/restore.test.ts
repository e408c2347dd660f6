import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { type ApiContext, createWorkerContext } from '../../src/context.ts'
import { listDeliveries } from '../../src/db/deliveries.ts'
import { findDocument } from '../../src/db/documents.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { agencyCode, type DocumentKey, deliveryKey } from '../../src/domain/identifiers.ts'
import { deliveryReceipts } from '../../src/receipts/delivery-receipts.ts'
import { acknowledge, handOver } from '../../src/receipts/hand-over.ts'
import { readInbox } from '../../src/receipts/inbox.ts'
import { findLostNumbers } from '../../src/receipts/reader-ahead.ts'
import { backupWorld, type Machine, type Sent } from '../support/backup-world.ts'
import { callerOf } from '../support/gateway.ts'
import { type Teardown, temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const world = await backupWorld(t)
const { gateway, folder } = world
const { api } = gateway
const READER = 'H90'

const deliveryTo = async (document: DocumentKey, agency = READER) =>
  (await listDeliveries(api.pool, document)).find(({ recipient }) => recipient === agency)!

/** The recipient fetches it and acknowledges. Answers the number that it had. */
async function take({ document }: Sent): Promise<number> {
  const { key, inboxNumber } = await deliveryTo(document)
  const request = { caller: callerOf(READER), agency: agencyCode(READER), delivery: key, claimToken: null }
  await handOver(api.pool, request)
  await acknowledge(api.pool, request)
  return inboxNumber!
}

// In the backup: one that was taken, one that lay there, one that still waited.
const taken = await world.send()
await gateway.deliverDue()
await take(taken)
const lay = await world.send()
await gateway.deliverDue()
const waited = await world.send()
await world.tram('backup', '--to', folder)

// After it: those two go on, and another one comes.
await gateway.deliverDue()
await take(lay)
await take(waited)
const lost = await world.send()
await gateway.deliverDue()
const seen = await take(lost)

/** What sender and receiver keep, in the formats that they have it in: answers of the API, receipts line by line. */
async function keptReceipts(t: Teardown): Promise<string> {
  const file = join(await temporaryFolder(t), 'receipts.txt')
  const lines: string[] = []
  for (const { document, receipt } of [taken, lay, waited, lost]) {
    lines.push(JSON.stringify({ receipt }))
    const found = await deliveryReceipts(api, (await findDocument(api.pool, document))!, null, 10)
    lines.push(...found.map((one) => one.receipt))
  }
  await writeFile(file, lines.join('\n'))
  return file
}

const statesOf = async (machine: Machine): Promise<Record<string, string>> => {
  const rows = await machine.query<{ id: string; state: string }>(
    `select document_id as id, state from delivery where recipient_code = '${READER}'`,
  )
  return Object.fromEntries(rows.map(({ id, state }) => [id, state]))
}

/** One attempt at everything that is due, on the restored gateway. */
async function deliverDue(t: Teardown, { variables, query }: Machine): Promise<void> {
  const worker = await createWorkerContext(loadConfig('worker', variables), { log: api.log })
  t.teardown(() => worker.close())
  const rows = await query<{ id: string }>(`select id from delivery where state = 'waiting' order by id`)
  for (const { id } of rows) await deliver(worker, deliveryKey(id), new AbortController().signal)
}

const inboxAfter = async ({ pool, waiters }: ApiContext, after: number) => {
  const query = { agency: agencyCode(READER), after, limit: 100, kind: null, wait: 0 }
  return readInbox(pool, waiters, query, () => new AbortController().signal)
}

t.test('what came after the backup is named by receipts, and what was handed over is settled', async (t) => {
  const file = await keptReceipts(t)
  const machine = await world.emptyMachine(t)
  await machine.tram('restore', '--from', folder)
  const told = await machine.tram('restore', '--compare', file)
  t.equal(told.exit, 0, told.err)
  t.match(told.out, `lost-document ${lost.document}`)
  t.match(told.out, lost.documentId, 'by the number that its sender gave it')
  t.notMatch(told.out, 'lost-delivery', 'its deliveries are told with it')
  for (const { document } of [lay, waited])
    t.match(told.out, new RegExp(`behind .*${document}.*acknowledged`))
  t.notMatch(told.out, new RegExp(`behind .*${taken.document}.*acknowledged`))
  t.match(await statesOf(machine), { [lay.document]: 'available', [waited.document]: 'waiting' })

  const settled = await machine.tram('restore', '--compare', file, '--settle')
  t.match(settled.out, /2 đã ghi theo biên nhận/)
  t.strictSame(await statesOf(machine), {
    [taken.document]: 'acknowledged',
    [lay.document]: 'acknowledged',
    [waited.document]: 'acknowledged',
  })
  const restored = await machine.open()
  await deliverDue(t, machine)
  t.strictSame(await inboxAfter(restored, 0), [], 'nothing that the reader has already is there for it')
  const receipts = await deliveryReceipts(
    restored,
    (await findDocument(restored.pool, waited.document))!,
    null,
    10,
  )
  const before = await deliveryTo(waited.document)
  const claims = receipts.find(({ claims }) => claims.agency === READER)!.claims
  t.equal(
    claims.handedOverAt,
    before.handedOverAt!.toISOString(),
    'its receipt says what the earlier one said',
  )
})

t.test('receipts of somebody else name nothing and settle nothing', async (t) => {
  const file = join(await temporaryFolder(t), 'receipts.txt')
  const [head, body, value] = lost.receipt.split('.')
  const claims = JSON.parse(Buffer.from(body!, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, sender: 'H91' })).toString('base64url')
  await writeFile(file, `${head}.${forged}.${value}\n`)
  const machine = await world.emptyMachine(t)
  await machine.tram('restore', '--from', folder)
  const told = await machine.tram('restore', '--compare', '--settle', file)
  t.match(told.err, `unproven ${file}:1`)
  t.match(told.out, '0 văn bản mất')
})

t.test('no number is given twice, and a reader from the future is told and named', async (t) => {
  const machine = await world.emptyMachine(t)
  await machine.tram('restore', '--from', folder)
  const restored = await machine.open()
  await deliverDue(t, machine)
  const again = await inboxAfter(restored, seen)
  t.same(
    again.map(({ document }) => document),
    [waited.document],
    'a cursor from before the loss passes over nothing that comes',
  )
  t.ok(again[0]!.number > 1_000_000)
  const caller = callerOf(READER)
  const { pool } = restored
  const known = (await deliveryTo(lay.document)).inboxNumber!
  t.match(await findLostNumbers(pool, caller, agencyCode(READER), seen), { knownUpTo: known })
  await findLostNumbers(pool, caller, agencyCode(READER), seen)
  t.equal(await findLostNumbers(pool, caller, agencyCode(READER), known), null)
  t.equal(await findLostNumbers(pool, caller, agencyCode(READER), again[0]!.number), null)
  const events = await machine.query(
    `select agency_code, detail from audit_event where kind = 'inbox-reader-ahead'`,
  )
  t.match(events, [{ agency_code: READER, detail: { known, seen } }])
  t.equal(events.length, 1, 'once for a number')
  const named = await machine.tram('restore', '--compare', await keptReceipts(t))
  t.match(named.out, `reader-ahead ${READER}`)
})

const TRAM = fileURLToPath(new URL('../../src/bin/tram.mjs', import.meta.url))

/** Restores in a process of its own and kills it once the condition holds. */
async function killRestoring({ variables }: Machine, when: () => Promise<boolean>): Promise<void> {
  const env = { ...process.env, ...variables }
  const child = spawn(process.execPath, [TRAM, 'restore', '--from', folder], { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await Promise.race([waitFor(when, 30_000), ended])
  child.kill('SIGKILL')
  t.strictSame(await ended, [null, 'SIGKILL'])
}

t.test('killed amid it, it is run again and comes to its end', async (t) => {
  const machine = await world.emptyMachine(t)
  const blobs = machine.variables.TRAM_BLOBS!
  await killRestoring(machine, () => access(join(blobs, 'restoring')).then(() => true))
  const isFilling = `select from pg_stat_activity
    where datname = current_database() and application_name = 'tram-restore' and xact_start is not null`
  await killRestoring(machine, async () => (await machine.query(isFilling)).length > 0)
  const whole = await machine.tram('restore', '--from', folder)
  t.equal(whole.exit, 0, whole.err)
  t.match(await statesOf(machine), { [taken.document]: 'acknowledged', [waited.document]: 'waiting' })
  t.notOk((await readdir(blobs)).includes('restoring'))
  const restorations = await machine.query('select from restoration')
  t.equal(restorations.length, 1)
  const twice = await machine.tram('restore', '--from', folder)
  t.match(twice, { exit: 1, err: /blobs-not-empty/ })
})
