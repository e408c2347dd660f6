import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { findDocument, listAttachments } from '../../src/db/documents.ts'
import { readSealGauges } from '../../src/db/seal-dues.ts'
import { currentSeal, listSeals } from '../../src/db/seal-levels.ts'
import { sealedObjects } from '../../src/domain/sealed-objects.ts'
import { containerContent } from '../../src/receipts/document-content.ts'
import { bytesSource } from '../../src/signature/byte-source.ts'
import { checkFile } from '../../src/signature/formats/index.ts'
import { sealLevelOf } from '../../src/signature/seal/extend.ts'
import { verifySeal } from '../../src/signature/verify-seal.ts'
import type { RevocationSource } from '../../src/signature/x509/revocation.ts'
import { addArchiveTimestamp } from '../../src/stamping/lift-seal.ts'
import { type Renewal, renewSeals } from '../../src/stamping/renew-seals.ts'
import { stampingRounds } from '../../src/stamping/stamping-rounds.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { stampingWorld, statusOf } from '../support/stamping-world.ts'
import { rewriteStored } from '../support/stored-blobs.ts'

const { fresh } = await stampingWorld(t)

t.test('a seal gets what proves its certificates, then archive timestamps', async (t) => {
  const { submit, deps, levels, gateway, pool } = await fresh()
  const key = await submit()
  const complete = { ...deps, revocation: statusOf(gateway.ca) }
  await stampingRounds(complete)()
  t.same(await levels(key), ['B-B', 'B-T', 'B-LT'])
  t.same((await readSealGauges(pool)).waiting, [])
  await addArchiveTimestamp(complete, key)
  await addArchiveTimestamp(complete, key)
  t.same(await levels(key), ['B-B', 'B-T', 'B-LT', 'B-LTA', 'B-LTA'])
  const seals = await listSeals(pool, key)
  const [, stamped, , archived, renewed] = await Promise.all(
    seals.map(({ sha256 }) => buffer(gateway.api.blobs.read(sha256))),
  )
  t.ok(renewed!.length > archived!.length && archived!.length > stamped!.length)
  t.equal(sealLevelOf(renewed!), 'B-LTA')
})

t.test('without proof that every certificate is good a seal stays B-T, and is tried again', async (t) => {
  const { submit, deps, levels, gateway, pool } = await fresh()
  const key = await submit()
  const seal = gateway.api.sealKeys.at(new Date()).certificateChain[0]!
  const reasons: string[] = []
  const round = (revocation: RevocationSource) =>
    stampingRounds(
      { ...deps, revocation },
      { onBatch: ({ postponed }) => reasons.push(...postponed.map(({ reason }) => reason)) },
    )()
  const again = () => pool.query('update seal_due set due_at = clock_timestamp()')
  await round(statusOf(fakeCa()))
  await again()
  await round(statusOf(gateway.ca, new Map([[seal.serial, 'unknown']])))
  await again()
  await round(statusOf(gateway.ca, new Map([[seal.serial, { revokedAt: new Date('2026-01-01') }]])))
  t.equal(reasons.length, 3)
  t.match(reasons[2], /revoked/)
  t.same(await levels(key), ['B-B', 'B-T'])
  t.match((await readSealGauges(pool)).waiting, [{ wants: 'B-LT', count: 1 }])
  await again()
  await round(statusOf(gateway.ca))
  t.same(await levels(key), ['B-B', 'B-T', 'B-LT'])
})

t.test(
  'the container that is given out is valid for a third party, archive timestamps and all',
  async (t) => {
    const { submit, deps, gateway, pool } = await fresh()
    const key = await submit()
    const complete = { ...deps, revocation: statusOf(gateway.ca) }
    await stampingRounds(complete)()
    await addArchiveTimestamp(complete, key)
    const document = (await findDocument(pool, key))!
    const container = await buffer((await containerContent(gateway.api, document)).open())
    const { kind, signatures } = await checkFile(bytesSource(container))
    t.equal(kind, 'asic')
    t.match(signatures, [{ state: 'valid', valueIntact: true, coverage: 'whole' }])
    t.same(
      signatures[0]!.timestamps.map((one) => [one.kind, one.intact, one.imprintMatch]),
      [
        ['signature', true, true],
        ['archive', true, true],
      ],
    )
    t.ok(signatures[0]!.material.ocsps.length >= 3, 'what proves its certificates is inside')
  },
)

t.test('a seal whose document has changed is not renewed, and the others are', async (t) => {
  const { submit, deps, levels, gateway, pool } = await fresh()
  const [changed, sound] = [await submit(), await submit()]
  const complete = { ...deps, revocation: statusOf(gateway.ca) }
  await stampingRounds(complete)()
  const { packetSha256 } = (await findDocument(pool, changed))!
  const root = gateway.variables.TRAM_BLOBS!
  await rewriteStored({ pool, root }, packetSha256, Buffer.from('không còn như lúc đóng dấu'))
  const renewals: Renewal[] = []
  const renew = () =>
    renewSeals(complete, { olderThanDays: 0, limit: 10 }, (renewal) => renewals.push(renewal))
  await renew()
  t.match(new Map(renewals.map((one) => [one.document, one.failure ?? 'renewed'])).get(sound), 'renewed')
  t.match(new Map(renewals.map((one) => [one.document, one.failure])).get(changed), /not what was sealed/)
  t.same(await levels(changed), ['B-B', 'B-T', 'B-LT'])
  t.same(await levels(sound), ['B-B', 'B-T', 'B-LT', 'B-LTA'])
  renewals.length = 0
  await renewSeals(complete, { olderThanDays: 1, limit: 10 }, (renewal) => renewals.push(renewal))
  t.same(renewals, [], 'what is young is left alone')
})

t.test('a seal with its proofs outlives its certificate, and one without does not', async (t) => {
  const { submit, deps, gateway, pool } = await fresh()
  const key = await submit()
  const { trust } = gateway.api
  const own = gateway.api.sealKeys.at(new Date()).certificateChain[0]!
  const later = new Date(own.notAfter.getTime() + 30 * 24 * 60 * 60_000)
  const judged = async () => {
    const document = (await findDocument(pool, key))!
    const objects = sealedObjects(document.packetSha256, await listAttachments(pool, key))
    const xades = await buffer(gateway.api.blobs.read((await currentSeal(pool, key))!.sha256))
    const [found] = await verifySeal(xades, objects, { trust, time: later })
    return `${sealLevelOf(xades)} ${found!.indication} ${found!.subIndication ?? ''}`.trim()
  }
  const complete = { ...deps, revocation: statusOf(gateway.ca) }
  t.match(await judged(), /^B-B INDETERMINATE/)
  await stampingRounds(complete)()
  t.equal(await judged(), 'B-LT TOTAL_PASSED')
  await addArchiveTimestamp(complete, key)
  t.equal(await judged(), 'B-LTA TOTAL_PASSED')
})

t.test('seals that were stamped while nobody could be asked get their proofs later', async (t) => {
  const { submit, deps, levels, gateway, pool } = await fresh()
  const [lifted, renewed] = [await submit(), await submit()]
  await stampingRounds(deps)()
  t.same(await levels(lifted), ['B-B', 'B-T'])
  t.match((await readSealGauges(pool)).waiting, [{ wants: 'B-LT', count: 2 }], 'seen to be waiting')
  const renewals: Renewal[] = []
  const scope = { olderThanDays: 0, limit: 10, document: renewed }
  await renewSeals(deps, scope, (renewal) => renewals.push(renewal))
  t.match(renewals, [{ document: renewed, failure: /TRAM_REVOCATION_HOSTS/ }], 'told, not passed over')
  const complete = { ...deps, revocation: statusOf(gateway.ca) }
  await renewSeals(complete, scope, (renewal) => renewals.push(renewal))
  t.same(await levels(renewed), ['B-B', 'B-T', 'B-LT', 'B-LTA'])
  await stampingRounds(complete)()
  t.same(await levels(lifted), ['B-B', 'B-T', 'B-LT'])
  t.same((await readSealGauges(pool)).waiting, [])
})
