import t from 'tap'
import { secretBox } from '../../../src/sealing/secret-box.ts'
import { Turns } from '../../../src/sealing/turns.ts'

const SECRET = 'một chuỗi ngẫu nhiên đủ dài để dùng'

t.test('a secret opens for its owner, under its secret, and undamaged', async (t) => {
  const box = secretBox(SECRET)
  const sealed = box.close('mật khẩu', 'a')
  t.equal(box.open(sealed, 'a'), 'mật khẩu')
  t.notSame(box.close('mật khẩu', 'a'), sealed, 'never twice the same')
  t.throws(() => box.open(sealed, 'b'))
  t.throws(() => secretBox(`${SECRET}.`).open(sealed, 'a'))
  for (let at = 0; at < sealed.length; at++) {
    const damaged = Uint8Array.from(sealed)
    damaged[at]! ^= 1
    t.throws(() => box.open(damaged, 'a'))
  }
  for (const length of [0, 11, 12, 20, 27]) t.throws(() => box.open(sealed.subarray(0, length), 'a'))
  t.throws(() => secretBox('short'), /32/)
})

t.test('what was closed for one purpose does not open for another', async (t) => {
  const [keys, axis] = [secretBox(SECRET, 'agency-keys'), secretBox(SECRET, 'axis-secrets')]
  t.equal(secretBox(SECRET).open(keys.close('mật khẩu', 'a'), 'a'), 'mật khẩu')
  t.equal(axis.open(axis.close('mật khẩu', 'a'), 'a'), 'mật khẩu')
  t.throws(() => axis.open(keys.close('mật khẩu', 'a'), 'a'), /TRAM_AXIS_SECRETS/)
  t.throws(() => keys.open(axis.close('mật khẩu', 'a'), 'a'), /TRAM_AGENCY_KEYS_SECRET/)
  const before = Buffer.from('DZVG2Pph3RCgJng38oRkBtVLQTXzW0V5plPPGOSQg6lAF3ed7DUvTQ==', 'base64')
  t.equal(keys.open(before, 'a'), 'mật khẩu', 'what earlier releases closed still opens')
})

t.test('no more than so many work at a time, and a failure gives its place back', async (t) => {
  const turns = new Turns(2)
  let [now, most] = [0, 0]
  const work = async (index: number) => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    now--
    if (index % 3 === 0) throw new Error('failed')
    return index
  }
  const done = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) => turns.take(() => work(index))),
  )
  t.equal(most, 2)
  t.equal(done.filter(({ status }) => status === 'fulfilled').length, 6)
  t.equal(await turns.take(() => work(1)), 1)
})
