import t from 'tap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { MOST_SCHEMA_FAULTS, schemaFaults } from '../../../src/domain/schema-fault.ts'

const schema = Type.Object(
  {
    channel: Type.Optional(Type.Enum(['mailbox', 'gateway'])),
    day: Type.Optional(Type.String({ format: 'date' })),
    code: Type.String({ maxLength: 5, pattern: '^[A-Z0-9]+$' }),
    size: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    codes: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2, uniqueItems: true })),
    either: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    one: Type.Optional(Type.Literal('one')),
  },
  { additionalProperties: false },
)
const faults = (value: unknown) => schemaFaults(Compile(schema).Errors(value), '#/body')
const told = (value: unknown) => faults(value).map(({ code, path, expected }) => [code, path, expected])

t.test('each fault has the path of its field, and what would be right', async (t) => {
  t.strictSame(told({ code: 'H1', channel: 'pigeon' }), [
    ['schema-enum', '#/body/channel', 'mailbox, gateway'],
  ])
  t.strictSame(told({ code: 'H1', day: '2026-02-30' }), [['schema-format', '#/body/day', 'date']])
  t.strictSame(told({ code: 'H12345' }), [['schema-maxlength', '#/body/code', '5']])
  t.strictSame(told({ code: 'H1', size: 0 }), [['schema-minimum', '#/body/size', '1']])
  t.strictSame(told({ code: 'H1', size: '1' }), [['schema-type', '#/body/size', 'integer']])
  t.strictSame(told({ code: 'H1', 'a/b~c': 1, when: {} }), [
    ['schema-additionalproperties', '#/body/a~1b~0c', undefined],
    ['schema-additionalproperties', '#/body/when', undefined],
  ])
  t.strictSame(told({}), [['schema-required', '#/body/code', undefined]])
})

t.test('both languages say it, and neither borrows the words of the other', async (t) => {
  const wrong = [
    {},
    { code: 'H1', channel: 'pigeon' },
    { code: 'h 1' },
    { code: '' },
    { code: 'H12345' },
    { code: 'H1', day: 'x' },
    { code: 'H1', size: 1.5 },
    { code: 'H1', size: 0 },
    { code: 'H1', size: 10 },
    { code: 'H1', codes: [] },
    { code: 'H1', codes: ['a', 'a'] },
    { code: 'H1', codes: ['a', 'b', 'c'] },
    { code: 'H1', either: 1 },
    { code: 'H1', one: 'two' },
    { code: 'H1', extra: 1 },
    [],
  ]
  for (const value of wrong) {
    const found = faults(value)
    t.ok(found.length > 0, JSON.stringify(value))
    for (const { hint } of found) {
      t.notMatch(hint.vi, /\b(must|not|have|given|schema|allowed|values)\b/, hint.vi)
      t.notMatch(hint.vi, /lược đồ/, `${hint.vi}: words of its own`)
      t.notMatch(hint.en, /fit the schema|must must/, hint.en)
      t.not(hint.vi, hint.en)
    }
  }
})

t.test('a keyword without words of its own is still told in both', async (t) => {
  const [fault] = schemaFaults(
    [{ keyword: '~refine', instancePath: '/x', params: {}, message: 'must be even' }],
    '#/body',
  )
  t.match(schemaFaults([], '#/body'), [{ code: 'schema-mismatch', path: '#/body' }], 'never nothing')
  t.match(fault, {
    code: 'schema-refine',
    path: '#/body/x',
    hint: { vi: /lược đồ \(~refine\)/, en: /must be even/ },
  })
})

t.test('a hundred are told at most, and no long name is given back whole', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 1]))
  const [first, ...others] = faults({ code: 'H1', ...many })
  t.match(
    first,
    { code: 'schema-additionalproperties', path: '#/body/f0' },
    'though the validator stopped short',
  )
  t.ok(others.length < MOST_SCHEMA_FAULTS)
  const finding = { keyword: 'required', instancePath: '', params: { requiredProperties: Object.keys(many) } }
  t.equal(schemaFaults([finding], '#/body').length, MOST_SCHEMA_FAULTS)
  t.ok((faults({ code: 'H1', ['x'.repeat(10_000)]: 1 })[0]?.path ?? '').length < 300)
})
