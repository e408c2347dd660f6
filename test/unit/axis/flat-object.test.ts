import fc from 'fast-check'
import t from 'tap'
import { flatObject } from '../../../src/axis/flat-object.ts'

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const texts = fc.uniqueArray(
  fc.tuple(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor')), fc.string()),
  { selector: ([name]) => name, maxLength: 8 },
)

const write = (pairs: readonly (readonly [string, string])[], space: string): string =>
  `{${space}${pairs.map(([name, value]) => `${JSON.stringify(name)}${space}:${space}${JSON.stringify(value)}`).join(`${space},${space}`)}${space}}`

t.test('pairs come back as they were, in their order', async () => {
  fc.assert(
    fc.property(texts, fc.constantFrom('', ' ', '\r\n\t'), (pairs, space) => {
      return JSON.stringify(flatObject(write(pairs, space), 8)) === JSON.stringify(pairs)
    }),
  )
})

t.test('what it reads, JSON.parse reads the same', async () => {
  const damage = fc.record({
    at: fc.nat({ max: 80 }),
    put: fc.constantFrom('"', '\\', ':', ',', '{', '}', '1', '\u0000', ''),
  })
  fc.assert(
    fc.property(texts, fc.array(damage, { maxLength: 3 }), (pairs, damages) => {
      let text = write(pairs, '')
      for (const { at, put } of damages) text = text.slice(0, at) + put + text.slice(at + 1)
      const read = flatObject(text, 8)
      return read === undefined || JSON.stringify(Object.fromEntries(read)) === JSON.stringify(parsed(text))
    }),
    { numRuns: 2000 },
  )
})

t.test('a name that stands there twice is seen twice, and one pair too many is none', async (t) => {
  t.same(flatObject('{"a":"1","a":"2"}', 2), [
    ['a', '1'],
    ['a', '2'],
  ])
  t.equal(flatObject('{"a":"1","b":"2","c":"3"}', 2), undefined)
  t.same(flatObject(' {} ', 0), [])
})
