import t from 'tap'
import type { RoutingTable } from '../../../../src/db/routing.ts'
import { judgeActs } from '../../../../src/directory/drafts/directory-kind.ts'
import type { World } from '../../../../src/directory/drafts/judgement.ts'
import { atOnce } from '../../../../src/directory/slices.ts'
import { WITHOUT_CONNECTOR } from '../../../../src/domain/channel-id.ts'
import type { Act } from '../../../../src/domain/directory/act.ts'
import type { TableRule } from '../../../../src/domain/routing-rule.ts'
import { SEED_TIERS } from '../../../../src/domain/tier.ts'
import { after, code, EMPTY, established } from '../acts/world.ts'

const directory = after(
  EMPTY,
  established('H1'),
  established('H2'),
  established('H1.1', 'H1', 'commune'),
  established('H1.2', 'H1', 'commune'),
)
const now = new Date('2026-06-01T03:00:00Z')

const table = (revision: number, from: string, ...rules: TableRule[]): RoutingTable => ({
  revision,
  rules,
  author: 'an',
  createdAt: now,
  effectiveFrom: new Date(from),
  approvedBy: 'binh',
  draftId: null,
})
const world = (...tables: RoutingTable[]): World => ({
  registry: { directory, tables },
  now,
  tiers: SEED_TIERS,
  usable: WITHOUT_CONNECTOR,
  allowHttp: false,
})
const told = (given: World, ...acts: Act[]): string[] => {
  const { errors, warnings } = atOnce(judgeActs(acts, given))
  t.strictSame(errors, [])
  return warnings.flatMap(({ code, path, found }) =>
    path?.startsWith('#/routing-table') ? `${code} ${path} ${found}` : [],
  )
}

const to = (id: string, recipient: string, more: Partial<TableRule> = {}): TableRule => ({
  id,
  channel: 'mailbox',
  recipient: code(recipient),
  ...more,
})
const close = (id: string, on: string): Act => ({ act: 'close', code: code(id), on, successor: code('H1.2') })
const PAST = '2026-01-01T00:00:00+07:00'

t.test('rules of the table in force that name who closes are told, and the rule by its id', (t) => {
  const given = world(table(7, PAST, to('a', 'H1.2'), to('b', 'H1.1')))
  t.strictSame(told(given, close('H1.1', '2026-09-01')), ['agency-closed #/routing-table/7/1/recipient H1.1'])
  const { warnings } = atOnce(judgeActs([close('H1.1', '2026-09-01')], given))
  t.match(warnings, [
    {
      severity: 'warning',
      expected: 'H1.2',
      hint: { vi: /^Bảng định tuyến bản 7 đang có hiệu lực, quy tắc b: /, en: /in force, rule b: / },
    },
  ])
  t.end()
})

t.test('what was wrong with a table before, and what the change does not touch, is not told', (t) => {
  const broken = world(table(7, PAST, to('a', 'H9.NONE'), to('b', 'H1.2')))
  t.strictSame(told(broken, close('H1.1', '2026-09-01')), [])
  t.strictSame(told(world(table(7, PAST)), close('H1.1', '2026-09-01')), [])
  t.end()
})

t.test('tables that are scheduled are told, each on days on which it decides', (t) => {
  const [july, later] = ['2026-07-01T00:00:00+07:00', '2026-12-01T00:00:00+07:00']
  const three = world(
    table(9, later, to('c', 'H1.1')),
    table(8, july, to('b', 'H1.1')),
    table(7, PAST, to('a', 'H1.1')),
  )
  t.strictSame(told(three, close('H1.1', '2026-09-01')), [
    // Another one decides long before the agency closes: of rules without an end it is told all the same.
    'agency-closes #/routing-table/7/0/recipient H1.1',
    'agency-closed #/routing-table/8/0/recipient H1.1',
    'agency-closed #/routing-table/9/0/recipient H1.1',
  ])
  t.end()
})

t.test('an endpoint that rules push to and that ends', (t) => {
  const url = 'https://dms.example/inbox'
  const endpoint = { channel: 'https-push', url, reaches: 'itself' } as const
  const set = (on: string, value: typeof endpoint | null): Act => ({
    act: 'set-endpoint',
    code: code('H1.1'),
    on,
    endpoint: value,
  })
  const reached = after(directory, set('2026-01-01', endpoint))
  const rules = [to('push', 'H1.1', { channel: 'https-push', fallback: ['mailbox'] })]
  const given = world(table(7, PAST, ...rules))
  const found = told(
    { ...given, registry: { ...given.registry, directory: reached } },
    set('2026-08-01', null),
  )
  t.strictSame(found, ['endpoint-expired #/routing-table/7/0/channel H1.1 (2026-08-01)'])
  t.end()
})

t.test('of very many only some are told one by one', (t) => {
  const rules = Array.from({ length: 150 }, (_, index) =>
    to(`r${index}`, 'H1.1', { documentType: `t${index}` }),
  )
  const found = told(world(table(7, PAST, ...rules)), close('H1.1', '2026-09-01'))
  t.equal(found.length, 101)
  t.equal(found.at(-1), 'table-affected #/routing-table/7 50')
  t.end()
})
