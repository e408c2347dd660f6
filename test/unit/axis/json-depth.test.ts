import fc from 'fast-check'
import t from 'tap'
import { EdocScanner } from '../../../src/axis/edoc-scanner.ts'
import { DepthGauge, parseShallow } from '../../../src/axis/json-depth.ts'
import { readJson } from '../../../src/axis/read-json.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map((one) => depthOf(one)))
    : 0

t.test('texts are as deep as their values, however they are cut', async () => {
  const jsonWithMarks = fc.jsonValue({
    maxDepth: 5,
    stringUnit: fc.constantFrom('[', '}', '"', '\\', 'ế', 'x'),
  })
  fc.assert(
    fc.property(jsonWithMarks, fc.nat(100), (value, cut) => {
      const bytes = Buffer.from(JSON.stringify(value))
      const holds = (most: number) => {
        const gauge = new DepthGauge(most)
        return gauge.holds(bytes.subarray(0, cut)) && gauge.holds(bytes.subarray(cut))
      }
      const depth = depthOf(value)
      return holds(depth) && (depth === 0 || !holds(depth - 1))
    }),
  )
})

t.test('what goes deeper than it may is not parsed', async (t) => {
  t.same(parseShallow('["H90","[["]', 1), ['H90', '[['])
  t.equal(parseShallow('[["H90"]]', 1), undefined)
  t.equal(parseShallow('["H90"', 1), undefined)
})

t.test('an answer of brackets is no answer, and costs no time', async (t) => {
  const piece = Buffer.from('['.repeat(65_536))
  let given = 0
  async function* brackets(opening: string) {
    yield Buffer.from(opening)
    for (; given < 500; given += 1) yield piece
  }
  await t.rejects(readJson(brackets('{"data":'), 64 * 1024 * 1024), /deeper than 64 levels/)
  t.ok(given < 2, 'not one piece more is read')
  const scanner = new EdocScanner(1_000)
  t.throws(() => scanner.feed(Buffer.concat([Buffer.from('{"a":'), piece])), /deeper than 64 levels/)
})
