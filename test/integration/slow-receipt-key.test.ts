import { Readable } from 'node:stream'
import t from 'tap'
import { edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import type { IntakeDependencies } from '../../src/intake/submission.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { watchStatements } from '../support/watch-statements.ts'

const { api, submit } = await testGateway(t)
const DOCUMENT_ID = edxmlDocumentId('G90,2026/11/22,1/BTN-VP')

/** The token's queue: longer than transactions may stand still whose statements follow each other at once. */
const SECONDS = 6

t.test('a receipt key that takes its time under locks has it, and does not have for ever', async (t) => {
  await submit('G90', await documentPacket({ from: 'G90', to: ['H90'], documentId: DOCUMENT_ID }))
  const limits: number[] = []
  const gateway: IntakeDependencies = {
    ...api,
    receiptKeyAt(time) {
      const signer = api.receiptKeyAt(time)
      return {
        ...signer,
        async sign(...asked) {
          limits.push(await idleLimit())
          return signer.sign(...asked)
        },
      }
    },
  }
  const statements = watchStatements(t, api.pool)
  /** Seconds for which the transaction that stands still now may go on so. */
  async function idleLimit(): Promise<number> {
    const { rows } = await api.pool.query<{ query: string }>(
      `select from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
    )
    t.equal(rows.length, 1, 'the key is asked inside the transaction')
    const begun = statements.findLast((text) => text.startsWith('begin'))
    return Number(/idle_in_transaction_session_timeout = (\d+)/.exec(begun ?? '')?.[1]) / 1000
  }
  const status = statusPacket({ from: 'H90', to: 'G90', documentId: DOCUMENT_ID, code: '03' })
  await acceptSubmission(gateway, { caller: callerOf('H90'), content: Readable.from([Buffer.from(status)]) })
  t.equal(limits.length, 1)
  t.ok(limits[0]! > 2 * SECONDS, `${limits[0]} s`)
  t.ok(limits[0]! < 30, 'less than any transaction')
})
