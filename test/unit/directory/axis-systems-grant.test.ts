import { test } from 'tap'
import { givenAlone, grantSha256 } from '../../../src/directory/axis-systems-grant.ts'
import type { AxisGrant, AxisRight } from '../../../src/domain/axis/axis-system.ts'
import { agencyCode } from '../../../src/domain/identifiers.ts'

const grant = (codes: readonly string[], rights: readonly AxisRight[] = []): AxisGrant => ({
  serves: codes.map((text) => ({
    code: agencyCode(text.replace('/*', '')),
    withBeneath: text.endsWith('/*'),
  })),
  rights,
})
const NOTHING = grant([])

test('one administrator gives agencies one by one, and nothing that nobody has named', async (t) => {
  t.same(givenAlone(grant(['H90', 'H91']), NOTHING), grant(['H90', 'H91']))
  t.same(
    givenAlone(grant(['H90/*', 'H91']), NOTHING),
    grant(['H90', 'H91']),
    'the agency, without its branch',
  )
  t.same(givenAlone(grant(['H90'], ['gateway', 'register-agencies']), NOTHING), grant(['H90']))
})

test('what is in force stays as long as it is wished, and no longer', async (t) => {
  const inForce = grant(['H90/*'], ['gateway'])
  t.same(givenAlone(inForce, inForce), inForce)
  t.same(
    givenAlone(grant(['H90/*', 'H91/*'], ['gateway', 'register-agencies']), inForce),
    grant(['H90/*', 'H91'], ['gateway']),
  )
  t.same(givenAlone(grant(['H90'], []), inForce), grant(['H90']), 'taking away needs nobody else')
  t.same(givenAlone(grant(['H90.1/*']), inForce), grant(['H90.1']), 'another agency is another branch')
})

test('a grant is known by what it gives, in whatever order', async (t) => {
  const digest = grantSha256(grant(['H90/*', 'H91'], ['gateway', 'register-agencies']))
  t.equal(digest, grantSha256(grant(['H91', 'H90/*'], ['register-agencies', 'gateway'])))
  for (const other of [
    grant(['H90', 'H91'], ['gateway', 'register-agencies']),
    grant(['H90/*', 'H91/*'], ['gateway', 'register-agencies']),
    grant(['H90/*'], ['gateway', 'register-agencies']),
    grant(['H90/*', 'H91'], ['gateway']),
  ])
    t.not(grantSha256(other), digest)
})
