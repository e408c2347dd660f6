import t from 'tap'
import { listedNames, namesHere } from '../../../src/connector/names-here.ts'
import type { DocumentEnvelope, StatusEnvelope } from '../../../src/domain/envelope.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'

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
