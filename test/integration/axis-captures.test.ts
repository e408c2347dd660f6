import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { type AxisOperation, axisOperation } from '../../src/axis/operations.ts'
import { readAxisTimestamp } from '../../src/axis/timestamp.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { axisDoor, type TestSystem } from '../support/axis-door.ts'
import { testGateway } from '../support/gateway.ts'
import { agencyFacts, recordFacts } from '../support/record-facts.ts'
import { asVendorClient } from '../support/vendor-client.ts'

const CAPTURES = fileURLToPath(new URL('../../../shared/samples/axis-wire', import.meta.url))
const FOLDERS = ['sdk-2.0.1', 'sdk-2.0.1-reused-instance']

interface Captured {
  readonly name: string
  readonly operation: AxisOperation
  readonly bytes: Buffer
  readonly time: Date
}

function captures(): Captured[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(CAPTURES, folder))
      .filter((file) => file.endsWith('.http'))
      .sort()
      .map((file) => {
        const bytes = readFileSync(join(CAPTURES, folder, file))
        const head = bytes.toString('latin1')
        const time = readAxisTimestamp(/XroadVnpt-timestamp: (\S+)/.exec(head)?.[1] ?? '')
        if (time === undefined) throw new Error(`${file} has no time`)
        const operation = axisOperation(/^\w+ (\S+)/.exec(head)?.[1] ?? '')
        if (operation === undefined) throw new Error(`${file} asks for nothing`)
        return { name: `${folder}/${file}`, operation, bytes, time }
      }),
  )
}

const oldForm = (code: string, alias: string): NewFact => ({
  subject: agencyCode(code),
  kind: 'alias',
  value: { alias, form: 'qcvn-13' },
  validFrom: '2018-01-01',
  validTo: null,
})

const SYSTEM: TestSystem = { systemId: 'test.system', serves: ['G22', 'H41'] }

t.test(
  'captured requests of the vendor’s client, byte for byte',
  { skip: !existsSync(CAPTURES) },
  async (t) => {
    const gateway = await testGateway(t)
    await recordFacts(gateway.api.pool, [
      ...agencyFacts({ code: 'G22', tier: 'central' }),
      ...agencyFacts({ code: 'H41', tier: 'province' }),
      oldForm('G22', '000.00.00.G22'),
      oldForm('H41', '000.00.00.H41'),
    ])
    let now = new Date()
    const door = await axisDoor(t, gateway, { now: () => now, systems: [SYSTEM] })
    const docIds = new Set<unknown>()
    for (const { name, operation, bytes, time } of captures())
      await t.test(name, async (t) => {
        now = time
        const { status, body, head } = await door.raw(bytes)
        t.equal(status, 200)
        if (operation === 'downloadEdoc') return t.equal(body.length, 0, 'an unknown packet is an empty file')
        t.match(head, /content-type: application\/json/i)
        const answer = asVendorClient(operation, body)
        t.comment(JSON.stringify(answer).slice(0, 300))
        if (operation === 'sendEdoc') {
          t.equal(answer.status, 'OK')
          docIds.add(answer.DocId)
        }
        if (/List|count/.test(operation)) t.equal(answer.status, 'OK')
        if (operation === 'getEdoc' || operation === 'updateStatus')
          t.match(answer, { status: 'FAIL', ErrorCode: '21' }, 'no packet has the number of the capture')
        if (operation === 'registerAgency' || operation === 'deleteAgency')
          t.match(
            answer,
            { status: 'FAIL', ErrorCode: '15', ErrorDesc: /register-agencies/ },
            'it has no such right',
          )
      })
    t.equal(docIds.size, 1, 'the same file sent five times is one document')
    const { rows } = await gateway.api.pool.query('select count(*)::int as count from delivery')
    t.same(rows, [{ count: 1 }], 'and lies once in the inbox')
  },
)
