import t from 'tap'
import { AgencySlots } from '../../../src/admission/agency-slots.ts'

t.test('an agency has so many submissions under way, and gets each slot back', async (t) => {
  const slots = new AgencySlots()
  const ends: (() => void)[] = []
  const long = () => slots.hold('H90', 2, () => new Promise<void>((resolve) => ends.push(resolve)))
  const first = [long(), long()]
  t.equal(
    slots.hold('H90', 2, async () => t.fail('there is no slot')),
    undefined,
  )
  t.equal(await slots.hold('H91', 2, async () => 7), 7, 'another agency is not concerned')
  ends[0]?.()
  await first[0]
  await t.rejects(slots.hold('H90', 2, () => Promise.reject(new Error('refused')))!, /refused/)
  t.equal(await slots.hold('H90', 2, async () => 8), 8, 'also after work that failed')
  ends[1]?.()
  await first[1]
})
