import t from 'tap'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { Fact, NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { GatewayError } from '../../../src/domain/problem.ts'
import { agencyList } from '../../../src/http/axis-door/agency-lists.ts'
import type { ListName } from '../../../src/http/axis-door/agency-rows.ts'
import { agencyFacts } from '../../support/record-facts.ts'

const DAY = '2026-11-22'

const snapshotOf = (facts: readonly NewFact[]): DirectorySnapshot =>
  DirectorySnapshot.of(
    7,
    facts.map((fact, id): Fact => ({ ...fact, id: id + 1, assertedIn: 7, retractedIn: null })),
  )

type Row = Readonly<Record<string, unknown>>

async function listed(
  name: ListName,
  directory: DirectorySnapshot,
  level = '',
  day = DAY,
): Promise<{ readonly rows: Map<unknown, Row>; readonly text: string }> {
  const signed = {
    systemId: 'dms',
    timestamp: '',
    get: (header: string) => (header === 'level' ? level : undefined),
  }
  const reply = await agencyList(name)({ directory, day, signed })
  if (!('json' in reply)) throw new Error('a list is JSON')
  const text = Buffer.from(reply.json).toString('latin1')
  const { data } = JSON.parse(text) as { data: Row[] }
  return { rows: new Map(data.map((row) => [row.code, row])), text }
}

const alias = (code: string, spelling: string, form: 'qcvn-13' | 'code102' | 'free'): NewFact => ({
  subject: agencyCode(code),
  kind: 'alias',
  value: { alias: spelling, form },
  validFrom: '2020-01-01',
  validTo: null,
})

const contact = (code: string, role: string, email: string | null): NewFact => ({
  subject: agencyCode(code),
  kind: 'contact',
  value: { role, name: null, phone: null, email, address: null },
  validFrom: '2020-01-01',
  validTo: null,
})

const WORLD: readonly NewFact[] = [
  ...agencyFacts({ code: 'H90', tier: 'province', name: 'Tỉnh Thử nghiệm' }),
  alias('H90', '000.00.00.H90', 'qcvn-13'),
  alias('H90', 'tinh-cu', 'free'),
  contact('H90', 'b', 'b@h90.vn'),
  contact('H90', 'a', 'a@h90.vn'),
  contact('H90', '0', null),
  ...agencyFacts({ code: 'H90.11', tier: 'district', parent: 'H90', validTo: '2025-07-01' }),
  ...agencyFacts({ code: 'H90.12', parent: 'H90.11' }),
  alias('H90.12', '001.11.12.H90', 'qcvn-13'),
  alias('H90.12', '002.11.12.H90', 'code102'),
  ...agencyFacts({ code: 'H90.99', parent: 'H90', validFrom: '2027-01-01' }),
  {
    subject: agencyCode('nhom.xa'),
    kind: 'group',
    value: { name: 'Các xã', members: { codes: [] } },
    validFrom: '2020-01-01',
    validTo: null,
  },
]

t.test('each form of the list says who is on it, and never null', async (t) => {
  const directory = snapshotOf(WORLD)
  const open = await listed('getAgenciesList', directory)
  t.same([...open.rows.keys()].sort(), ['H90', 'H90.12'])
  t.match(open.text, /^[\x20-\x7e]*$/, 'ASCII alone')
  t.same(open.rows.get('H90'), {
    id: 'H90',
    pid: '',
    code: 'H90',
    name: 'Tỉnh Thử nghiệm',
    mail: 'a@h90.vn',
    oldCode: '000.00.00.H90',
  })
  t.equal(open.rows.get('H90.12')?.pid, 'H90', 'beneath who is open: a closed district is not on the list')
  const qd20 = await listed('getAgenciesListQD20', directory)
  t.equal(qd20.rows.get('H90.12')?.code102, '002.11.12.H90')
  t.same([...(await listed('getAgenciesListQD20', directory, '1')).rows.keys()], ['H90'])
  const units = await listed('getSynchronizeUnit', directory)
  t.same([...units.rows.keys()].sort(), ['H90', 'H90.11', 'H90.12'])
  t.match(units.rows.get('H90.11'), { deleted: true, modifyDate: '2025/07/01', version: 7, pid: 'H90' })
  t.match(units.rows.get('H90.12'), { deleted: false, modifyDate: '2020/01/01', isAgency: true })
  for (const { text } of [open, qd20, units]) t.notMatch(text, /:null/)
})

t.test('of another day', async (t) => {
  const directory = snapshotOf(WORLD)
  t.equal((await listed('getAgenciesList', directory, '', '2024-05-01')).rows.get('H90.12')?.pid, 'H90.11')
  t.ok((await listed('getAgenciesList', directory, '', '2027-01-01')).rows.has('H90.99'))
})

t.test('a level that is none', async (t) => {
  const directory = snapshotOf(WORLD)
  for (const level of ['x', '-1', '11', '1.5'])
    await t.rejects(listed('getAgenciesListQD20', directory, level), GatewayError)
})
