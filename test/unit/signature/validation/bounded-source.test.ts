import t from 'tap'
import { sha256 } from '../../../../src/domain/identifiers.ts'
import { boundedSource } from '../../../../src/signature/validation/bounded-source.ts'
import { WORLD } from '../../../fakes/validation-world.ts'

const [certificate, issuer] = [WORLD.signer.certificateChain[0]!, WORLD.issuing.certificateChain[0]!]
const NONE = { deadlineMs: 0, most: 0 }
const answer = [Buffer.from('x')]

t.test('a source that hangs is waited for once', async (t) => {
  let asked = 0
  const hanging = {
    crls: () => new Promise<never>(() => undefined),
    ocsps: async () => {
      asked++
      return answer
    },
  }
  const bounded = boundedSource(hanging, { deadlineMs: 50, most: 100, each: NONE })
  t.strictSame(await bounded.ocsps(certificate, issuer), answer)
  t.strictSame(await bounded.crls(certificate, issuer), [])
  for (let index = 0; index < 20; index++) {
    t.strictSame(await bounded.ocsps(certificate, issuer), [])
    t.strictSame(await bounded.ocsps(numbered(index), issuer), [])
  }
  t.equal(asked, 1, 'nobody is asked any more')
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
  const bounded = boundedSource(counting, { deadlineMs: 10_000, most: 3, each: NONE })
  for (let index = 0; index < 5; index++) await bounded.crls(numbered(index), issuer)
  t.equal(asked, 3)
})

t.test('signatures before it do not use up the part of a signature', async (t) => {
  const asked: string[] = []
  const counting = {
    crls: async () => [],
    ocsps: async ({ sha256 }: { sha256: string }) => {
      asked.push(sha256)
      return answer
    },
  }
  const each = { deadlineMs: 1_000, most: 2 }
  const bounded = boundedSource(counting, { deadlineMs: 10_000, most: 3, each })
  const junk = bounded.forSignature!()
  for (let index = 0; index < 10; index++) await junk.ocsps(numbered(index), issuer)
  t.equal(asked.length, 5, 'its own part, and what all share')
  const honest = bounded.forSignature!()
  t.strictSame(await honest.ocsps(certificate, issuer), answer)
  t.equal(asked.at(-1), certificate.sha256)
  t.strictSame(await bounded.forSignature!().ocsps(certificate, issuer), answer)
  t.strictSame(await junk.ocsps(certificate, issuer), answer, 'also for who may not ask any more')
  t.equal(asked.length, 6, 'nobody is asked twice')
})

t.test('time that others waste is not taken from a signature', async (t) => {
  const slow = {
    crls: () => new Promise<never>(() => undefined),
    ocsps: async () => answer,
  }
  const bounded = boundedSource(slow, { deadlineMs: 1_000, most: 9, each: { deadlineMs: 1_000, most: 9 } })
  const junk = bounded.forSignature!()
  t.strictSame(await junk.crls(numbered(1), issuer), [])
  t.strictSame(await junk.ocsps(numbered(1), issuer), [], 'it has none left itself')
  const honest = bounded.forSignature!()
  t.strictSame(await honest.crls(numbered(1), issuer), [], 'who had a whole part is not waited for again')
  t.strictSame(await honest.ocsps(certificate, issuer), answer)
})

t.test('a timer that fires early leaves no time', async (t) => {
  const { setTimeout } = globalThis
  t.intercept(globalThis, 'setTimeout', {
    value: (then: () => void, ms: number, ...told: []) => setTimeout(then, ms - 5, ...told),
  })
  const half = { crls: () => new Promise<never>(() => undefined), ocsps: async () => answer }
  const bounded = boundedSource(half, { deadlineMs: 50, most: 9, each: { deadlineMs: 50, most: 9 } })
  t.strictSame(await bounded.crls(certificate, issuer), [])
  t.strictSame(await bounded.ocsps(certificate, issuer), [])
  const junk = bounded.forSignature!()
  t.strictSame(await junk.crls(numbered(1), issuer), [])
  t.strictSame(await junk.ocsps(certificate, issuer), [])
})

function numbered(index: number) {
  return { ...certificate, sha256: sha256(index.toString(16).padStart(64, '0')) }
}
