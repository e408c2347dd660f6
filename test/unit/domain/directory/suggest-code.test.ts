import { test } from 'tap'
import { suggestCode } from '../../../../src/domain/directory/suggest-code.ts'

const PAIRS = [
  ['000.00.00.G22', 'G22'],
  ['000.00.15.H51', 'H51.15'],
  ['000.02.02.H37', 'H37.02.02'],
  ['012.05.15.H51', 'H51.15.05.012'],
] as const

test('the usual rewriting, and back', async (t) => {
  for (const [old, now] of PAIRS) {
    t.equal(suggestCode(old), now)
    t.equal(suggestCode(now), old)
  }
})

test('groups of zeros are dropped wherever they stand', async (t) => {
  t.equal(suggestCode('012.00.15.H51'), 'H51.15.012')
  t.equal(suggestCode('H51.15.012'), null, 'and the way back is then unknown')
})

test('nothing is suggested for what has neither form', async (t) => {
  for (const spelling of [
    '',
    'H51.',
    'G2',
    '0106123456',
    'Z01ABC',
    '00.00.15.H51',
    '000.00.15.51H',
    'h51.15',
  ])
    t.equal(suggestCode(spelling), null, spelling)
  t.equal(suggestCode('H51.7'), null, 'a level of another width has no old form')
})
