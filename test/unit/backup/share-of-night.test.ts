import { createHash } from 'node:crypto'
import t from 'tap'
import { SHARES, shareOfNight } from '../../../src/backup/share-of-night.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'

const DAY_MS = 86_400_000
const blobs = Array.from({ length: 2_000 }, (_, index) =>
  sha256(createHash('sha256').update(`${index}`).digest('hex')),
)

/** How often each blob is read in as many backups, so many days apart. */
function timesRead(days: number): number[] {
  const nights = Array.from({ length: SHARES }, (_, night) => new Date(1.7e12 + night * days * DAY_MS))
  const shares = nights.map(shareOfNight)
  return blobs.map((blob) => shares.filter((isDue) => isDue(blob)).length)
}

t.test(
  'so many backups read each blob once, whether they are made each night, each second one or weekly',
  async (t) => {
    for (const days of [1, 2, 7])
      t.ok(
        timesRead(days).every((times) => times === 1),
        `${days} days apart`,
      )
  },
)

t.test('no night reads much more than its share', async (t) => {
  const read = blobs.filter(shareOfNight(new Date())).length
  t.ok(read < (2 * blobs.length) / SHARES, `${read} of ${blobs.length}`)
})
