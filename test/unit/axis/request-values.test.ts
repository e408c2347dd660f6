import fc from 'fast-check'
import t from 'tap'
import { readBeside, writeBeside } from '../../../src/axis/beside-packet.ts'
import { readAxisDate, readTo } from '../../../src/axis/request-values.ts'

t.test('recipients come as a JSON array, or one alone', async (t) => {
  t.same(readTo('["000.00.00.H41", " H41.15 ",""]'), ['000.00.00.H41', 'H41.15'])
  t.same(readTo(' 000.00.00.H41 '), ['000.00.00.H41'])
  t.same(readTo('[]'), [])
  t.same(readTo(''), [])
  for (const text of ['[', '[1]', '[null]', '[["a"]]', `[${'"a",'.repeat(20_000)}"a"]`]) {
    t.equal(readTo(text), undefined, text.slice(0, 20))
  }
})

t.test('days are written in both orders', async (t) => {
  for (const text of [
    '2026/11/21',
    '21/11/2026',
    '2026-11-21',
    '21-11-2026',
    '2026/11/21 08:30:00',
    ' 2026-11-21T08:30',
  ]) {
    t.equal(readAxisDate(text), '2026-11-21', text)
  }
  t.equal(readAxisDate('1/2/2026'), '2026-02-01')
  for (const text of [
    '',
    '2026/02/30',
    '30/02/2026',
    '2026/13/01',
    '21/11/26',
    '20261121',
    '2026/11',
    'today',
  ]) {
    t.equal(readAxisDate(text), undefined, text)
  }
})

t.test('seal and hops come back as they were', async () => {
  const hop = fc.record({
    organId: fc.string({ unit: 'grapheme', maxLength: 40 }),
    timestamp: fc.string({ maxLength: 19 }),
  })
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.array(hop, { maxLength: 20 }), (seal, hops) => {
      const texts = writeBeside({ seal, hops })
      const read = readBeside(texts)
      const isAscii = /^[\x20-\x7e]*$/.test(`${texts.seal}${texts.hops}`)
      return (
        isAscii &&
        Buffer.compare(read?.seal ?? Buffer.of(), seal) === 0 &&
        JSON.stringify(read?.hops) === JSON.stringify(hops)
      )
    }),
  )
})

t.test('what no gateway writes is not read', async (t) => {
  t.same(readBeside({}), { hops: [] })
  const hop = '{"organId":"a","timestamp":"t"}'
  for (const hops of [
    '',
    'x',
    '{}',
    'null',
    '[null]',
    '["a"]',
    '[{"organId":"a"}]',
    '[{"organId":"a","timestamp":1}]',
    `[{"organId":"${'a'.repeat(201)}","timestamp":"t"}]`,
    `[${`${hop},`.repeat(64)}${hop}]`,
    '[{"organId":"a\\u0000","timestamp":"t"}]',
    '[{"organId":"a","timestamp":"\\ud800"}]',
    `[{"organId":"a","timestamp":"t","more":${'['.repeat(8)}${']'.repeat(8)}}]`,
  ]) {
    t.equal(readBeside({ hops }), undefined, hops.slice(0, 40))
  }
  for (const seal of ['', 'A', 'AA=', 'AA==AA==', 'AAA*', 'A'.repeat(400_004)]) {
    t.equal(readBeside({ seal }), undefined, seal.slice(0, 10))
  }
  t.same(readBeside({ hops: '[{"organId":"a","timestamp":"t","__proto__":{"x":1},"more":1}]' })?.hops, [
    { organId: 'a', timestamp: 't' },
  ])
})
