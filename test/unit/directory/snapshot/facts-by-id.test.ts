import fc from 'fast-check'
import { test } from 'tap'
import { FactsById } from '../../../../src/directory/snapshot/facts-by-id.ts'
import type { Fact } from '../../../../src/domain/directory/fact.ts'
import { code } from '../acts/world.ts'

const fact = (id: number): Fact => ({
  id,
  subject: code('H47'),
  kind: 'existence',
  value: {},
  validFrom: '2020-01-01',
  validTo: null,
  assertedIn: 1,
  retractedIn: null,
})

test('every fact that was ever added is found, in each fork those that it knows', async () => {
  const additions = fc.array(fc.uniqueArray(fc.nat(40), { maxLength: 6 }), { maxLength: 12 })
  fc.assert(
    fc.property(additions, (rounds) => {
      let facts = FactsById.of([])
      const known = new Set<number>()
      for (const round of rounds) {
        const before = facts
        const missing = round.filter((id) => !known.has(id))
        facts = facts.fork()
        for (const id of missing) {
          facts.add(fact(id))
          known.add(id)
        }
        for (let id = 0; id <= 40; id += 1) {
          if (facts.get(id)?.id !== (known.has(id) ? id : undefined)) throw new Error(`${id} is lost`)
          if (missing.includes(id) && before.get(id) !== undefined)
            throw new Error(`${id} is known too early`)
        }
      }
    }),
  )
})
