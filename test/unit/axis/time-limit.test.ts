import { once } from 'node:events'
import t from 'tap'
import { timeLimit } from '../../../src/axis/time-limit.ts'
import { chunked } from '../edxml/vectors.ts'
import { clientOf, fakeExchange } from './fake-exchange.ts'

t.test('what comes is given the time that is due to it', async (t) => {
  const [longer, shorter, shortest] = [
    timeLimit(40, undefined),
    timeLimit(80, undefined),
    timeLimit(40, undefined),
  ]
  const pieces: Uint8Array[] = []
  for await (const piece of longer.extendedBy(chunked(Buffer.alloc(64 * 60_000), 5))) pieces.push(piece)
  t.equal(Buffer.concat(pieces).length, 64 * 60_000)
  for await (const _ of shortest.extendedBy(chunked(Buffer.alloc(10)))) t.pass()
  await once(shorter.signal, 'abort')
  t.match(shorter.fault(), { kind: 'timeout' })
  t.match(shortest.fault(), { kind: 'timeout' }, 'a trickle has none')
  t.equal(longer.signal.aborted, false)
  longer.clear()
})

t.test('the outer signal ends it at once, and is left alone afterwards', async (t) => {
  const outer = new AbortController()
  const [one, cleared] = [timeLimit(60_000, outer.signal), timeLimit(60_000, outer.signal)]
  cleared.clear()
  outer.abort()
  t.match(one.fault(), { kind: 'aborted' })
  t.equal(cleared.signal.aborted, false)
  t.match(timeLimit(60_000, outer.signal).fault(), { kind: 'aborted' })
  one.clear()
})

t.test('an exchange that trickles is not waited for', async (t) => {
  const axis = await fakeExchange(t)
  axis.behaves = (response) => {
    response.writeHead(200)
    const timer = setInterval(() => response.write(' '), 5)
    response.on('close', () => clearInterval(timer))
  }
  const client = clientOf(t, axis.url, { timeoutMs: 150 })
  t.match(await client.getAgenciesList(), { ok: false, failure: { kind: 'timeout' } })
})
