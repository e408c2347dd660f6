import t from 'tap'
import { boundedSource } from '../../../../src/signature/validation/bounded-source.ts'
import { WORLD } from '../../../fakes/validation-world.ts'

const [certificate, issuer] = [WORLD.signer.certificateChain[0]!, WORLD.issuing.certificateChain[0]!]
const answer = [Buffer.from('x')]

t.test('a source that hangs is waited for once', async (t) => {
  const hanging = { crls: () => new Promise<never>(() => undefined), ocsps: async () => answer }
  const bounded = boundedSource(hanging, { deadlineMs: 50, most: 100 })
  t.strictSame(await bounded.ocsps(certificate, issuer), answer)
  t.strictSame(await bounded.crls(certificate, issuer), [])
  const start = performance.now()
  for (let index = 0; index < 20; index++) t.strictSame(await bounded.ocsps(certificate, issuer), [])
  t.ok(performance.now() - start < 40, 'nobody is asked any more')
})

t.test('there is an end to the questions', async (t) => {
  let asked = 0
  const counting = {
    crls: async () => {
      asked++
      return answer
    },
    ocsps: async () => [],
  }
  const bounded = boundedSource(counting, { deadlineMs: 10_000, most: 3 })
  for (let index = 0; index < 5; index++) await bounded.crls(certificate, issuer)
  t.equal(asked, 3)
})
