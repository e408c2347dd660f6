import fc from 'fast-check'
import t from 'tap'
import { jsonStream } from '../../../src/http/json-stream.ts'

async function written(value: object): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of jsonStream(value)) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString('utf8')
}

t.test('what is written piece by piece is what is written whole', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.anything({ withDate: true, maxDepth: 4 })),
      async (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value))
        t.equal(await written(json as object), JSON.stringify(json))
      },
    ),
    { numRuns: 200 },
  )
  const odd = {
    a: undefined,
    b: [undefined, null],
    c: new Date(0),
    d: {},
    e: { f: undefined },
    g: [[1], { h: 'ệ' }],
  }
  t.equal(await written(odd), JSON.stringify(odd))
})

t.test('others have their turn while a large answer is written', async (t) => {
  const value = { items: Array.from({ length: 30_000 }, (_, n) => ({ n, text: 'Ủy ban nhân dân' })) }
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  const text = await written(value)
  clearInterval(timer)
  t.strictSame(JSON.parse(text), value)
  t.ok(turns >= 5, `${turns} turns`)
})
