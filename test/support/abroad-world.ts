import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeliveryRecord, listDeliveries } from '../../src/db/deliveries.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { agencyCode, type DocumentKey } from '../../src/domain/identifiers.ts'
import type { TableRule } from '../../src/domain/routing-rule.ts'
import { TinyAxis } from '../fakes/tiny-axis.ts'
import { testGateway } from './gateway.ts'
import { documentPacket } from './packets.ts'
import { endpointFact, recordFacts } from './record-facts.ts'
import { recordTable } from './record-table.ts'
import { type Teardown, temporaryFolder } from './temporary-folder.ts'

export const SENDER = 'G90'
/** Those who are reached by the national axis. */
export const ABROAD = ['H90', 'H90.31', 'H90.32'] as const
const never = new AbortController().signal

/** A gateway that is a client of a national axis and of another gateway, both of them fakes. */
export async function abroadWorld(t: Teardown) {
  const folder = await temporaryFolder(t)
  const axis = await TinyAxis.start(t)
  const peer = await TinyAxis.start(t)
  await writeFile(join(folder, 'secret'), 'bí mật\n')
  const connectors = {
    traceId: '000.00.00.T99',
    home: ['G90'],
    connectors: [
      {
        name: 'national-axis',
        channel: 'national-axis',
        url: axis.url,
        systemId: 'TRAM',
        secretFile: 'secret',
        addsTraceHeader: true,
        timeoutSeconds: 5,
      },
      { name: 'h91', channel: 'gateway', gateway: 'H91', url: peer.url, systemId: 'T', secretFile: 'secret' },
    ],
  }
  await writeFile(join(folder, 'connectors.json'), JSON.stringify(connectors))
  const gateway = await testGateway(t, undefined, { TRAM_CONNECTORS: join(folder, 'connectors.json') })
  const { pool } = gateway.api

  const rules: TableRule[] = [
    {
      id: 'push-first',
      sender: agencyCode('H91'),
      recipient: agencyCode('H90.32'),
      channel: 'https-push',
      fallback: ['national-axis', 'mailbox'],
    },
    { id: 'peer', recipient: agencyCode('H91'), channel: 'gateway', gateway: agencyCode('H91') },
    { id: 'nobody', sender: agencyCode('H91'), channel: 'gateway', gateway: agencyCode('H90') },
    { id: 'axis', under: agencyCode('H90'), channel: 'national-axis', fallback: ['mailbox'] },
  ]
  await recordFacts(pool, [endpointFact('H90.32', 'https://10.0.0.1/forbidden')])
  await recordTable(pool, rules)

  let serial = 0
  const newId = () => `${SENDER},2026/11/20,${++serial}/BTN-VP`

  async function accepted(to: readonly string[], documentId = newId(), more = {}) {
    const packet = await documentPacket({ from: SENDER, to, documentId, ...more })
    const { claims } = await gateway.submit(SENDER, packet)
    return { document: claims.document, claims, packet, documentId }
  }
  const deliveriesOf = (document: DocumentKey): Promise<DeliveryRecord[]> => listDeliveries(pool, document)
  const deliverFirst = async (document: DocumentKey, signal = never) =>
    deliver(gateway.worker, (await deliveriesOf(document))[0]!.key, signal)
  const dueAgain = (document: DocumentKey) =>
    pool.query(
      `update delivery set next_attempt_at = clock_timestamp(), lease_until = null
        where document_id = $1 and state = 'waiting'`,
      [document],
    )
  const sendsSince = (before: number) => axis.sends.slice(before)
  return { axis, peer, gateway, pool, accepted, deliveriesOf, deliverFirst, dueAgain, sendsSince }
}
