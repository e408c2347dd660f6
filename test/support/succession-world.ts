import { listDeliveries } from '../../src/db/deliveries.ts'
import type { WhenAddressed } from '../../src/domain/directory/succession.ts'
import { agencyCode, type DeliveryKey, type DocumentKey } from '../../src/domain/identifiers.ts'
import { handOver } from '../../src/receipts/hand-over.ts'
import { callerOf, type TestGateway } from './gateway.ts'
import { documentPacket, type PacketFacts } from './packets.ts'
import { agencyFacts, recordFacts, setLifetime, successionFact, type TestAgency } from './record-facts.ts'

/** The first day on which those that close in these tests are gone. */
export const CLOSED_ON = '2026-01-01'

/** What tests of successions do with a gateway; codes are made up anew for each test. */
export function successionWorld(gateway: TestGateway) {
  const { pool } = gateway.api
  let serial = 0
  const next = () => {
    serial += 1
    return String(serial)
  }
  return {
    /** Agencies that are open, each with a client; answers their codes. */
    async open(...agencies: Omit<TestAgency, 'code'>[]): Promise<string[]> {
      const made = agencies.map((given) => ({ ...given, code: `K${next().padStart(3, '0')}` }))
      await recordFacts(pool, made.flatMap(agencyFacts))
      for (const { code } of made)
        await pool.query(
          `insert into client (client_id, role, agency_code, name) values ($1, 'agency', $2, $2)`,
          [callerOf(code).clientId, code],
        )
      return made.map(({ code }) => code)
    },
    async close(code: string, successor?: string, whenAddressed?: WhenAddressed): Promise<void> {
      await setLifetime(pool, code, CLOSED_ON)
      if (successor !== undefined)
        await recordFacts(pool, [successionFact(code, successor, CLOSED_ON, whenAddressed)])
    },
    newId: (sender: string) => `${sender},2026/11/20,${next()}/BTN-VP`,
    /** Accepts a packet; answers what its receipt says. */
    async send(caller: string, facts: PacketFacts) {
      return (await gateway.submit(caller, await documentPacket(facts))).claims
    },
    deliveries: (document: DocumentKey) => listDeliveries(pool, document),
    async deliveryTo(agency: string, document: DocumentKey): Promise<DeliveryKey> {
      const found = (await listDeliveries(pool, document)).find(({ recipient }) => recipient === agency)
      if (found === undefined) throw new Error(`no delivery to ${agency}`)
      return found.key
    },
    /** The recipient takes what lies in its inbox. */
    async take(agency: string, document: DocumentKey): Promise<DeliveryKey> {
      const delivery = await this.deliveryTo(agency, document)
      await handOver(pool, {
        caller: callerOf(agency),
        agency: agencyCode(agency),
        delivery,
        claimToken: null,
      })
      return delivery
    },
  }
}
