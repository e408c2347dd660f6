import t from 'tap'
import { isElsewhere, listedNames, namesHere } from '../../../src/connector/names-here.ts'
import type { DocumentEnvelope, StatusEnvelope } from '../../../src/domain/envelope.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { after, code, EMPTY, established } from '../directory/acts/world.ts'

t.test('recipients as lists write them', async (t) => {
  const cases: readonly (readonly [text: string, names: readonly string[]])[] = [
    ['000.00.00.H41', ['000.00.00.H41']],
    ['', []],
    ['null', []],
    [' H90 , H91;H90 ', ['H90', 'H91']],
    ['["H90","H91"]', ['H90', 'H91']],
    ['["H90",null,{"a":1}]', ['H90']],
    ['[broken', []],
    ['[]', []],
  ]
  for (const [text, names] of cases) t.same(listedNames(text), names, text)
})

const organ = (code: string) => ({ organId: agencyCode(code) })
const document: DocumentEnvelope = {
  kind: 'document',
  from: organ('G90'),
  to: [organ('H90'), organ('H91')],
  toPlaces: [],
  appendixes: [],
  responseFor: [],
  trace: [],
  business: { operation: 'new', receivers: [], replacements: [] },
  attachments: [],
}
const status: StatusEnvelope = { kind: 'status', from: organ('G90'), responseFor: {}, statusCode: '03' }
const isHome = (spelling: string) => spelling === 'H91'

t.test('the list decides; without it, who is connected here', async (t) => {
  t.same(namesHere(document, ['H90'], isHome), ['H90'])
  t.same(namesHere(document, [], isHome), ['H91'])
  t.same(
    namesHere(document, [], () => false),
    [],
    'nobody, rather than everybody',
  )
  t.same(namesHere(status, [], isHome), [])
})

t.test('nobody at home is spoken for by others, also not who has closed there', async (t) => {
  const day = '2025-07-01'
  const heirs = (...codes: string[]) => codes.map((one) => ({ code: code(one) }))
  const split = (from: string, ...to: string[]) =>
    ({ act: 'split', on: day, code: code(from), into: heirs(...to), main: code(to[0]!) }) as const
  const directory = after(
    EMPTY,
    ...['H1', 'H2', 'H3', 'H4', 'A1', 'A2', 'A3'].map((one) => established(one)),
    { act: 'close', on: day, code: code('H2'), successor: code('A1') },
    { act: 'close', on: day, code: code('A2'), successor: code('H1') },
    split('H3', 'A1', 'H1'),
    split('H4', 'A1', 'A3'),
  )
  const home = ['H1', 'H2', 'H3', 'H4'].map(code)
  const cases: Record<string, boolean> = {
    A1: true,
    A2: true,
    H1: false,
    H2: true,
    H3: false,
    H4: true,
  }
  for (const [one, expected] of Object.entries(cases))
    t.equal(isElsewhere(directory, home, code(one), day), expected, one)
  t.notOk(isElsewhere(directory, home, code('H2'), '2025-06-30'), 'before it closed')
})
