import { test } from 'tap'
import type { Act } from '../../../../src/domain/directory/act.ts'
import { after, applied, code, codesOf, EMPTY, established, tried } from './world.ts'

const EARLIER = '2025-07-15'
const DAY = '2025-09-01'
const LATER = '2025-11-01'
const [OLD, NEW, THIRD] = [code('H47'), code('H70'), code('H71')]
const push = (url: string, reaches: 'itself' | 'subtree' = 'itself') =>
  ({ channel: 'https-push', url: `https://${url}.example`, reaches }) as const
const contact = (name: string) =>
  ({ role: 'văn thư', name, phone: null, email: null, address: null }) as const
const endpointAct = (url: string | null, on: string, until: string | null = null, id = 'H47'): Act => ({
  act: 'set-endpoint',
  on,
  code: code(id),
  endpoint: url === null ? null : push(url),
  until,
})
const rename = (name: string, on: string, id = 'H47'): Act => ({ act: 'rename', on, code: code(id), name })
const move = (id: string, parent: string | null, on: string): Act => ({
  act: 'move',
  on,
  code: code(id),
  parent: parent === null ? null : code(parent),
})
const recode = (from: string, to: string, on: string): Act => ({
  act: 'recode',
  on,
  code: code(from),
  newCode: code(to),
})
const merge = (from: string[], into: string, on: string): Act => ({
  act: 'merge',
  on,
  codes: from.map(code),
  into: code(into),
})

const before = after(
  EMPTY,
  established('H17'),
  established('H18'),
  established('H47'),
  established('H47.05', 'H47'),
  established('H47.05.02', 'H47.05', 'commune'),
  endpointAct('cu', '2025-01-01'),
  { act: 'set-contact', on: '2025-01-01', code: OLD, contact: contact('Cũ') },
)
const planned = after(before, recode('H47', 'H70', DAY))
const urlOf = (directory: typeof before, id: string, day: string) =>
  directory.fact(code(id), 'endpoint', day)?.value.url
const parentOf = (directory: typeof before, id: string, day: string) =>
  directory.fact(code(id), 'placement', day)?.value.parent

test('what is said of an agency before the day of its other code goes on to that one', async (t) => {
  const { delta, warnings } = tried(
    planned,
    rename('Tên mới', EARLIER),
    endpointAct('moi', EARLIER),
    { act: 'set-contact', on: EARLIER, code: OLD, contact: contact('Mới') },
    { act: 'move', on: EARLIER, code: OLD, tier: 'central', parent: code('H17') },
  )
  t.same(warnings, [])
  const found = applied(planned, delta)
  t.match(found.agency(NEW, DAY), { name: 'Tên mới', tier: 'central', parent: 'H17' })
  t.equal(urlOf(found, 'H70', DAY), 'https://moi.example')
  t.equal(found.fact(NEW, 'contact', DAY)?.value.name, 'Mới')
  t.equal(found.agency(OLD, '2025-07-14')?.name, 'Cơ quan H47')
})

test('it goes on through every further code, until the new one says something else', async (t) => {
  const twice = after(planned, recode('H70', 'H71', LATER))
  t.equal(after(twice, rename('Tên mới', EARLIER)).agency(THIRD, LATER)?.name, 'Tên mới')
  const own = after(twice, rename('Riêng', '2025-10-01', 'H70'))
  const { delta, warnings } = tried(own, rename('Tên mới', EARLIER))
  t.match(warnings, [{ code: 'later-change-planned', found: '2025-10-01' }])
  const found = applied(own, delta)
  t.equal(found.agency(NEW, DAY)?.name, 'Tên mới')
  t.equal(found.agency(THIRD, LATER)?.name, 'Riêng')
})

test('what was said of the new code from its first day on stays, and this is told', async (t) => {
  const own = after(planned, rename('Riêng', DAY, 'H70'), endpointAct(null, DAY, null, 'H70'))
  const { delta, warnings } = tried(own, rename('Tên mới', EARLIER), endpointAct('moi', EARLIER))
  t.match(warnings, [
    { code: 'later-change-planned', found: DAY, path: '#/content/0/name' },
    { code: 'later-change-planned', found: DAY, path: '#/content/1/endpoint' },
  ])
  const found = applied(own, delta)
  t.equal(found.agency(NEW, DAY)?.name, 'Riêng')
  t.equal(urlOf(found, 'H70', DAY), undefined)
  t.equal(urlOf(found, 'H47', '2025-08-31'), 'https://moi.example')
})

test('what ends before the day of the other code ends there too', async (t) => {
  const ended = after(planned, endpointAct(null, EARLIER), {
    act: 'end-contact',
    on: EARLIER,
    code: OLD,
    role: 'văn thư',
  })
  t.equal(urlOf(ended, 'H70', DAY), undefined)
  t.equal(ended.fact(NEW, 'contact', DAY), undefined)
  const own = after(planned, endpointAct('rieng', DAY, null, 'H70'))
  const { delta, warnings } = tried(own, endpointAct(null, EARLIER))
  t.match(warnings, [], 'what was said of the new code itself is not what ends')
  t.equal(urlOf(applied(own, delta), 'H70', DAY), 'https://rieng.example')
})

test('an end that is said lies before the day of the other code, or beyond it', async (t) => {
  const short = after(planned, endpointAct('tam', EARLIER, '2025-08-01'))
  t.equal(urlOf(short, 'H47', '2025-08-01'), undefined)
  t.equal(urlOf(short, 'H70', DAY), undefined)
  const long = after(planned, endpointAct('tam', EARLIER, LATER))
  t.equal(urlOf(long, 'H70', '2025-10-31'), 'https://tam.example')
  t.equal(urlOf(long, 'H70', LATER), undefined)
  const again = after(long, endpointAct('tam', EARLIER, '2025-12-01'))
  t.equal(urlOf(again, 'H70', LATER), 'https://tam.example')
})

test('an end on record stays where acts of the kind say none, and is dropped visibly where they do', async (t) => {
  const group = (name: string, on: string): Act => ({
    act: 'set-group',
    on,
    code: code('NHOM'),
    name,
    members: { tier: 'province' },
  })
  const ended = after(before, group('Một', '2025-07-01'), { act: 'end-group', on: DAY, code: code('NHOM') })
  const { delta, warnings } = tried(ended, group('Hai', EARLIER))
  t.match(warnings, [{ code: 'later-change-planned', found: DAY }])
  const found = applied(ended, delta)
  t.equal(found.fact(code('NHOM'), 'group', EARLIER)?.value.name, 'Hai')
  t.equal(found.fact(code('NHOM'), 'group', DAY), undefined)
  const limited = after(before, endpointAct('tam', '2025-07-01', DAY))
  t.match(tried(limited, endpointAct('tam', EARLIER)).warnings, [{ code: 'planned-end-dropped', found: DAY }])
})

test('whoever comes beneath an agency later on follows it like everybody beneath', async (t) => {
  t.same(codesOf(tried(planned, established('H47.06', 'H47', 'commune', EARLIER)).warnings), [])
  const found = after(planned, established('H47.06', 'H47', 'commune', EARLIER), move('H18', 'H47', EARLIER))
  t.same(found.childrenOn(NEW, DAY).sort(), ['H18', 'H47.05', 'H47.06'])
  const merged = after(before, merge(['H47'], 'H17', DAY))
  const beneath = after(merged, established('H47.06', 'H47', 'commune', EARLIER), recode('H17', 'H70', LATER))
  t.equal(parentOf(beneath, 'H47.06', '2025-08-31'), 'H47')
  t.equal(parentOf(beneath, 'H47.06', DAY), 'H17')
  t.equal(parentOf(beneath, 'H47.06', LATER), 'H70')
})

test('where the ending said that those beneath stay they stay, and this is told', async (t) => {
  const stayed = after(before, { ...merge(['H47'], 'H17', DAY), children: 'stay' } as Act)
  const { delta, warnings } = tried(stayed, established('H47.06', 'H47', 'commune', EARLIER))
  t.match(warnings, [{ code: 'parent-closed', found: 'H47.06' }])
  t.equal(parentOf(applied(stayed, delta), 'H47.06', DAY), 'H47')
})

test('those beneath follow also where their parent ends before a day that was planned', async (t) => {
  const moved = after(before, move('H18', 'H47', LATER), merge(['H47'], 'H17', DAY))
  t.equal(parentOf(moved, 'H18', LATER), 'H17')
  const chain = after(before, merge(['H47'], 'H17', LATER), merge(['H17'], 'H18', DAY))
  t.equal(parentOf(chain, 'H47.05', DAY), 'H47')
  t.equal(parentOf(chain, 'H47.05', LATER), 'H18')
})

test('who takes over from its parent stands where that one last stood, whenever that was recorded', async (t) => {
  const up = after(before, merge(['H47.05'], 'H47.05.02', LATER))
  t.equal(parentOf(up, 'H47.05.02', LATER), 'H47')
  t.equal(parentOf(after(up, move('H47.05', 'H18', EARLIER)), 'H47.05.02', LATER), 'H18')
  t.equal(parentOf(after(up, merge(['H47'], 'H17', DAY)), 'H47.05.02', LATER), 'H17')
  t.equal(parentOf(after(up, recode('H47', 'H70', DAY)), 'H47.05.02', LATER), 'H70')
  t.equal(parentOf(after(up, recode('H47.05.02', 'H72', DAY)), 'H72', LATER), 'H47')
})

test('who takes over from its parent and that one’s parent at once comes in the place of the upper one', async (t) => {
  const found = after(before, merge(['H47', 'H47.05'], 'H47.05.02', DAY))
  t.equal(parentOf(found, 'H47.05.02', DAY), null)
  t.equal(parentOf(after(found, move('H47', 'H18', EARLIER)), 'H47.05.02', DAY), 'H18')
})

test('who only follows its parent on a later day may move or end before', async (t) => {
  const merged = after(before, merge(['H47'], 'H17', LATER))
  const { delta, warnings } = tried(merged, move('H47.05', 'H18', DAY))
  t.same(warnings, [])
  t.equal(parentOf(applied(merged, delta), 'H47.05', LATER), 'H18')
  const closed = after(merged, { act: 'close', on: DAY, code: code('H47.05'), successor: code('H18') })
  t.equal(parentOf(closed, 'H47.05.02', DAY), 'H18')
  const recoded = after(merged, recode('H47.05', 'H70', DAY))
  t.equal(parentOf(recoded, 'H70', DAY), 'H47')
  t.equal(parentOf(recoded, 'H70', LATER), 'H17')
})

test('a parent that was taken over by then means its successor, and this is told', async (t) => {
  const merged = after(before, merge(['H47'], 'H17', DAY))
  const { delta, warnings } = tried(merged, established('H47.06', 'H47', 'commune', LATER))
  t.match(warnings, [{ code: 'parent-succeeded', found: 'H47', expected: 'H17' }])
  t.equal(parentOf(applied(merged, delta), 'H47.06', LATER), 'H17')
})

test('a code that is given again is told where somebody is to be taken over by it', async (t) => {
  const both = after(before, merge(['H18'], 'H47', LATER), merge(['H47'], 'H17', EARLIER))
  const { warnings } = tried(both, established('H47', null, 'province', DAY))
  t.same(codesOf(warnings), ['code-used-before', 'heir-opens-again'])
})

test('what is said of an agency goes on to its other code also where its old code is given again', async (t) => {
  const again = after(planned, established('H47', null, 'province', LATER))
  const { delta, warnings } = tried(again, rename('Tên mới', EARLIER))
  t.same(warnings, [])
  t.equal(applied(again, delta).agency(NEW, DAY)?.name, 'Tên mới')
  t.equal(applied(again, delta).agency(OLD, LATER)?.name, 'Cơ quan H47')
})

test('an agency does not end on the day on which its code begins again', async (t) => {
  const again = after(planned, established('H47', null, 'province', DAY))
  t.same(codesOf(tried(again, recode('H47', 'H71', DAY)).faults), ['days-reversed'])
})
