import t from 'tap'
import { randomOf } from '../../../scripts/bench/routing/random.ts'
import { makeCa } from '../../../scripts/make-certs.ts'
import { type Letter, letterWriter } from '../../chaos/letters.ts'

const COUNT = 40

const drawn = ({ documentId, sender, to, urgency, packet, change }: Letter) => ({
  ...{ documentId, sender, to, urgency, bytes: packet.length > 0, change },
})

t.test('one seed draws the same documents, whenever their answers come', async (t) => {
  const ca = makeCa()
  const [plain, mixed] = [letterWriter(randomOf(5), ca), letterWriter(randomOf(5), ca)]
  let changes = 0
  for (let at = 0; at < COUNT; at += 1) {
    const [one, other] = [await plain.write(0.3), await mixed.write(0.3)]
    t.same(drawn(one), drawn(other), `document ${at + 1}`)
    // Only one of the two senders gets answers at once.
    if ((await mixed.follow(other)) !== null) changes += 1
  }
  t.ok(changes > 3 && changes < COUNT, `${changes} of them are changed afterwards`)
})
