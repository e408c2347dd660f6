import { test } from 'tap'
import { givenAlone, reachSha256 } from '../../../src/directory/axis-systems-grant.ts'
import type { AxisReach, AxisRight } from '../../../src/domain/axis/axis-system.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'

const CERTIFICATE = 'ab'.repeat(32)

const reach = (
  codes: readonly string[],
  rights: readonly AxisRight[] = [],
  { networks = [], certificateSha256 = null }: Partial<AxisReach> = {},
): AxisReach => ({
  serves: codes.map((text) => ({
    code: agencyCode(text.replace('/*', '')),
    withBeneath: text.endsWith('/*'),
  })),
  rights,
  networks,
  certificateSha256,
})
const NOTHING = reach([])

test('one administrator gives agencies one by one, and nothing that nobody has named', async (t) => {
  t.same(givenAlone(reach(['H90', 'H91']), NOTHING), reach(['H90', 'H91']))
  t.same(
    givenAlone(reach(['H90/*', 'H91']), NOTHING),
    reach(['H90', 'H91']),
    'the agency, without its branch',
  )
  t.same(givenAlone(reach(['H90'], ['gateway', 'register-agencies']), NOTHING), reach(['H90']))
})

test('what is in force stays as long as it is wished, and no longer', async (t) => {
  const inForce = reach(['H90/*'], ['gateway'])
  t.same(givenAlone(inForce, inForce), inForce)
  t.same(
    givenAlone(reach(['H90/*', 'H91/*'], ['gateway', 'register-agencies']), inForce),
    reach(['H90/*', 'H91'], ['gateway']),
  )
  t.same(givenAlone(reach(['H90'], []), inForce), reach(['H90']), 'taking away needs nobody else')
  t.same(givenAlone(reach(['H90.1/*']), inForce), reach(['H90.1']), 'another agency is another branch')
})

test('networks and certificate are one administrator’s to set while a system has nothing that takes two', async (t) => {
  const bound = { networks: ['10.0.0.0/8'], certificateSha256: CERTIFICATE }
  t.same(givenAlone(reach(['H90'], [], bound), NOTHING), reach(['H90'], [], bound))
  for (const inForce of [reach(['H90/*'], [], bound), reach(['H90'], ['gateway'], bound)]) {
    t.same(givenAlone({ ...inForce, networks: [] }, inForce), inForce, 'opened to any network')
    t.same(givenAlone({ ...inForce, certificateSha256: null }, inForce), inForce, 'without its certificate')
    t.same(
      givenAlone(reach(['H90']), inForce),
      reach(['H90']),
      'who takes the power away sets them as he likes',
    )
  }
})

test('a reach is known by what it gives, in whatever order', async (t) => {
  const bound = { networks: ['10.0.0.0/8', '::1/128'], certificateSha256: CERTIFICATE }
  const digest = reachSha256(reach(['H90/*', 'H91'], ['gateway', 'register-agencies'], bound))
  const turned = { ...bound, networks: ['::1/128', '10.0.0.0/8'] }
  t.equal(digest, reachSha256(reach(['H91', 'H90/*'], ['register-agencies', 'gateway'], turned)))
  for (const other of [
    reach(['H90', 'H91'], ['gateway', 'register-agencies'], bound),
    reach(['H90/*', 'H91/*'], ['gateway', 'register-agencies'], bound),
    reach(['H90/*'], ['gateway', 'register-agencies'], bound),
    reach(['H90/*', 'H91'], ['gateway'], bound),
    reach(['H90/*', 'H91'], ['gateway', 'register-agencies'], { ...bound, networks: ['::1/128'] }),
    reach(['H90/*', 'H91'], ['gateway', 'register-agencies'], { ...bound, certificateSha256: null }),
  ])
    t.not(reachSha256(other), digest)
})
