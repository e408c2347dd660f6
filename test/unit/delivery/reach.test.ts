import fc from 'fast-check'
import t from 'tap'
import type { AxisFailure } from '../../../src/axis/client-types.ts'
import { Reach } from '../../../src/delivery/reach.ts'

const failure = (more: Partial<AxisFailure>): AxisFailure => ({
  kind: 'refused',
  code: '',
  detail: '',
  mayHaveLeft: true,
  ...more,
})
const GONE = failure({ kind: 'unreachable', mayHaveLeft: false })
const BAD_GATEWAY = failure({ kind: 'http', httpStatus: 502 })

/** One that was not reached so many times in a row, at one instant. */
function failed(times: number, now: number): Reach {
  const reach = new Reach()
  for (let time = 0; time < times; time++) reach.saw(GONE, now)
  return reach
}

t.test('an exchange rests once it failed several times in a row', async (t) => {
  const reach = failed(3, 0)
  t.same([reach.up, reach.restsFor(0)], [undefined, 0], 'three may be chance')
  reach.saw(BAD_GATEWAY, 0)
  t.same([reach.up, reach.restsFor(400)], [false, 0.6])
  for (const [what, kind] of [
    ['a refusal is an answer', 'refused'],
    ['one packet may be slow', 'timeout'],
  ] as const) {
    const other = failed(3, 0)
    other.saw(failure({ kind }), 0)
    other.saw(GONE, 0)
    t.same([other.up, other.restsFor(1)], [true, 0], what)
  }
})

t.test('while it is away one asks for all, ever more seldom', async (t) => {
  const reach = failed(4, 0)
  let now = 1_000
  for (const rest of [2, 4, 8, 15, 15]) {
    t.equal(reach.restsFor(now), 0, 'somebody finds out')
    t.equal(reach.restsFor(now), rest, 'and the others wait')
    reach.saw(GONE, now)
    now += rest * 1_000
  }
  t.equal(reach.restsFor(now), 0)
  reach.saw(GONE, now + 60_000)
  t.equal(reach.restsFor(now + 60_000), 15, 'whoever asked for a minute in vain ends no rest')
  reach.saw(failure({ kind: 'aborted' }), now + 61_000)
  t.equal(reach.up, false, 'being stopped says nothing')
  reach.saw(undefined, now + 61_000)
  t.same([reach.up, reach.restsFor(now + 61_000)], [true, 0])
  for (let time = 0; time < 4; time++) reach.saw(GONE, now + 62_000)
  t.equal(reach.restsFor(now + 62_000), 1, 'and rests are short again')
})

t.test('a fifth of bad answers rests nobody for long; one that answers is never away', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { minLength: 50, maxLength: 300 }), (draws) => {
      const reach = new Reach()
      let [now, inRow] = [0, 0]
      for (const draw of draws) {
        now += reach.restsFor(now) * 1_000
        const isBad = draw === 0
        inRow = isBad ? inRow + 1 : 0
        reach.saw(isBad ? BAD_GATEWAY : undefined, now)
        if ((reach.up === false) !== inRow >= 4) return false
        if (inRow < 4 && reach.restsFor(now) !== 0) return false
        if (reach.restsFor(now) > 15) return false
      }
      return true
    }),
  )
})
