import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import { CORPORA } from '../../../scripts/conformance/corpora.ts'
import { missed, percent, tally } from '../../../scripts/conformance/tally.ts'

/*
 * Signed files, attacks, certificate paths and tokens by others, where they are at hand: a sample of what
 * `npm run conformance` runs whole, under the same bars.
 */
const ROOT = resolve('../shared/corpora')
const skip = existsSync(ROOT) ? false : 'the corpora are not at hand'

/** Every n-th case, where there are so many that all of them take long; a sample may miss a bar by chance. */
const EVERY: Readonly<Record<string, number>> = { mutations: 8, c14n: 4, 'x509-bssl-chains': 2 }

for (const name of Object.keys(CORPORA)) {
  t.test(name, { skip }, async (t) => {
    const result = await CORPORA[name]!(join(ROOT, name), { every: EVERY[name] ?? 1 })
    if (result === undefined) return t.pass('', { skip: `${name} is not at hand` })
    const counts = tally(result)
    t.same(missed(result), [], `${counts.scored} cases, ${percent(counts.agreement)} agreement`)
    t.equal(result.judged.filter(({ answered }) => answered === 'thrown').length, 0, 'nothing is thrown')
  })
}
