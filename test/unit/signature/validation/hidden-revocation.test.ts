import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { ValidationContext } from '../../../../src/signature/validation/context.ts'
import { validateSignature } from '../../../../src/signature/validation/validate-signature.ts'
import { NO_MATERIAL } from '../../../../src/signature/validation-material.ts'
import type { RevocationSource } from '../../../../src/signature/x509/revocation.ts'
import { makeCrl } from '../../../fakes/fake-crl.ts'
import { crl, day, ocsp, signed, TRUST, WORLD } from '../../../fakes/validation-world.ts'

const NOW = day('2026-06-01')
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000)
const CA_GOOD = crl(hoursAgo(2), undefined, WORLD.root)
/** From before the revocation, and by its own words good until tomorrow. */
const REPLAYED = ocsp('good', hoursAgo(20), 48)
const REVOKED = ocsp({ revokedAt: hoursAgo(10), reason: 1 }, hoursAgo(1), 24)
const REVOKED_LIST = crl(hoursAgo(1), hoursAgo(10))

const answering = (answers: Partial<Record<keyof RevocationSource, Uint8Array[]>>): RevocationSource => ({
  crls: async ({ sha256 }) =>
    sha256 === WORLD.signer.certificateChain[0]!.sha256 ? (answers.crls ?? []) : [CA_GOOD],
  ocsps: async ({ sha256 }) =>
    sha256 === WORLD.signer.certificateChain[0]!.sha256 ? (answers.ocsps ?? []) : [],
})
const judge = (material: Partial<typeof NO_MATERIAL>, context: Partial<ValidationContext>) =>
  validateSignature(signed({ material: { ...NO_MATERIAL, ...material } }), {
    trust: TRUST,
    time: NOW,
    ...context,
  })
const revoked = { indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' }

t.test('what a sender brings along does not keep us from asking', async (t) => {
  const ocspSource = answering({ ocsps: [REVOKED] })
  t.match(await judge({ ocsps: [REPLAYED] }, { revocation: ocspSource }), revoked, 'an answer of yesterday')
  t.match(
    await judge({ ocsps: [REPLAYED] }, { revocation: answering({ crls: [REVOKED_LIST] }) }),
    revoked,
    'where only a list is to be had',
  )
  t.match(
    await judge({ ocsps: [REPLAYED], crls: [CA_GOOD] }, { revocation: answering({}) }),
    { indication: 'TOTAL_PASSED' },
    'and counts where nothing else can be had',
  )
})

t.test('nor bury what we know', async (t) => {
  const junk = Array.from({ length: 300 }, () => randomBytes(40))
  const forged = Array.from({ length: 200 }, (_, number) =>
    makeCrl(WORLD.issuing, { thisUpdate: hoursAgo(0.5), number: number + 2, broken: true }),
  )
  const answers = { ocsps: [REVOKED], crls: [REVOKED_LIST] }
  const kept = { evidence: { ...NO_MATERIAL, ...answers, tokens: [] }, since: NOW }
  for (const [name, material] of Object.entries({
    'junk before responses': { ocsps: [REPLAYED, ...junk] },
    'junk before lists': { ocsps: [REPLAYED], crls: [CA_GOOD, ...junk] },
    'forged lists that are newer': { ocsps: [REPLAYED], crls: [CA_GOOD, ...forged] },
  })) {
    t.match(await judge(material, { revocation: answering({ crls: [REVOKED_LIST] }) }), revoked, name)
    t.match(await judge(material, { revocation: answering({ ocsps: [REVOKED] }) }), revoked, name)
    t.match(await judge(material, { kept }), revoked, `${name}, kept`)
  }
})
