import fc from 'fast-check'
import t from 'tap'
import { isFresh, readAxisTimestamp, writeAxisTimestamp } from '../../../src/axis/timestamp.ts'

t.test('the last four digits are milliseconds, and the rest is Vietnam’s wall clock', async (t) => {
  t.equal(writeAxisTimestamp(new Date('2026-11-21T12:06:25.837Z')), '21112026T190625+0837')
  t.equal(writeAxisTimestamp(new Date('2026-12-31T17:00:00.000Z')), '01012027T000000+0000')
  t.same(readAxisTimestamp('21112026T190625+0837'), new Date('2026-11-21T12:06:25.837Z'))
})

t.test('what is written is read again', async () => {
  const min = new Date('2000-01-01T00:00:00Z')
  const max = new Date('2100-01-01T00:00:00Z')
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (instant) => {
      return readAxisTimestamp(writeAxisTimestamp(instant))?.getTime() === instant.getTime()
    }),
  )
})

t.test('what is no time is none', async (t) => {
  for (const text of [
    '',
    '21112026T190625',
    '21112026T190625+083',
    '21112026T190625-0700',
    '2026-11-21T19:06:25Z',
    '30022026T190625+0000',
    '21132026T190625+0000',
    '00112026T190625+0000',
    '21112026T250000+0000',
    '21112026T240000+0000',
    '21112026T236000+0000',
    ' 21112026T190625+0837',
    '21112026T190625+0837\n',
    '２1112026T190625+0837',
  ]) {
    t.equal(readAxisTimestamp(text), undefined, text)
  }
})

t.test('a time is fresh up to its tolerance, before and after', async (t) => {
  const now = new Date('2026-11-21T12:00:00Z')
  const apart = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  for (const sign of [-1, 1]) {
    t.ok(isFresh(apart(sign * 3600), now, 3600))
    t.notOk(isFresh(apart(sign * 3600.001), now, 3600))
  }
})
