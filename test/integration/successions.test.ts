import t from 'tap'
import { findDelivery } from '../../src/db/deliveries.ts'
import { findExpansions } from '../../src/db/documents.ts'
import { agencyCode, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { GatewayError } from '../../src/domain/problem.ts'
import { testGateway } from '../support/gateway.ts'
import { statusPacket } from '../support/packets.ts'
import { recordFacts, replaceFacts } from '../support/record-facts.ts'
import { successionWorld } from '../support/succession-world.ts'

const MINISTRY = 'G90'
const gateway = await testGateway(t)
const { pool } = gateway.api
const world = successionWorld(gateway)

const refusal = (code: string) => ({ name: 'GatewayError', code })
const faultsOf = async (accepting: Promise<unknown>) => {
  const error = await accepting.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof GatewayError)) throw new Error('nothing was refused')
  return error.faults
}
const status = (from: string, to: string, documentId: string, code = '03') =>
  gateway.submit(from, statusPacket({ from, to, documentId, code }))

t.test('two names that lead to one agency make one delivery that keeps both', async (t) => {
  const [a, b, c] = await world.open({ name: 'Tỉnh A' }, { name: 'Tỉnh B' }, { name: 'Tỉnh Mới' })
  await world.close(a!, c)
  await world.close(b!, c)
  const documentId = world.newId(MINISTRY)
  const { recipients, document, senderName } = await world.send(MINISTRY, {
    from: MINISTRY,
    to: [a!, b!],
    documentId,
  })
  t.equal(senderName, 'Bộ Thử nghiệm')
  t.match(recipients, [
    {
      agency: c,
      name: 'Tỉnh Mới',
      addressedAs: [
        {
          spelling: a,
          code: a,
          name: 'Tỉnh A',
          hops: [{ to: { code: c, name: 'Tỉnh Mới' }, act: 'closure' }],
        },
        { spelling: b, code: b, name: 'Tỉnh B', hops: [{ from: { code: b } }] },
      ],
    },
  ])
  t.equal(recipients.length, 1)
  t.match((await world.deliveries(document))[0]?.route, { addressed: [{ code: a }, { code: b }] })
  await gateway.deliverDue()
  await world.take(c!, document)
  await status(c!, MINISTRY, documentId)
  t.match(await findDelivery(pool, await world.deliveryTo(c!, document)), { processingStatus: '03' })
})

t.test('who stands twice without succession or group is a fault, as is who is bounced', async (t) => {
  const [a, c] = await world.open({ aliases: ['000.00.00.KA'] }, {})
  const [d] = await world.open({ name: 'Sở Đã đóng' })
  await world.close(d!, c, 'bounce')
  const packet = { from: MINISTRY, to: [a!, '000.00.00.KA', d!], documentId: world.newId(MINISTRY) }
  t.match(await faultsOf(world.send(MINISTRY, packet)), [
    { code: 'recipient-repeated', found: '000.00.00.KA' },
    {
      code: 'recipient-closed',
      reason: 'closed-and-bounced',
      found: d,
      expected: c,
      hint: { vi: /Sở Đã đóng/ },
    },
  ])
})

t.test('a group is expanded when the document is accepted, and means the same members later', async (t) => {
  const [x, y, z] = await world.open({ name: 'Xã X' }, { name: 'Xã Y' }, { name: 'Xã Z' })
  const group = agencyCode('NHOM.XA')
  const members = (codes: string[]) =>
    [
      {
        subject: group,
        kind: 'group' as const,
        value: { name: 'Các xã', members: { codes: codes.map(agencyCode) } },
        validFrom: '2020-01-01',
        validTo: null,
      },
    ] as const
  await recordFacts(pool, members([x!, y!, MINISTRY]))
  const documentId = world.newId(MINISTRY)
  const sent = await world.send(MINISTRY, { from: MINISTRY, to: [group, x!], documentId })
  t.match(sent.recipients, [
    { agency: x, addressedAs: [{ spelling: group, code: x, group: { code: group, name: 'Các xã' } }] },
    { agency: y, addressedAs: [{ code: y, name: 'Xã Y' }] },
  ])
  t.match(sent.groups, [{ code: group, name: 'Các xã', members: 2 }], 'the sender is no recipient of its own')
  t.same((await findExpansions(pool, [sent.document])).get(group)?.members, [x, y])

  await replaceFacts(pool, group, 'group', members([y!, z!]))
  await gateway.deliverDue()
  await world.take(x!, sent.document)
  const update = { operation: 'update' as const, documentId: edxmlDocumentId(documentId) }
  const updated = await world.send(MINISTRY, { from: MINISTRY, to: [group], documentId, business: update })
  t.same(
    updated.recipients.map(({ agency }) => agency),
    [x, y],
    'not to whom the group means today',
  )
  t.match([updated.asked, updated.withdrawn], [[{ agency: x }], [{ agency: y }]])
  const recall = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId) }
  const recalled = await world.send(MINISTRY, { from: MINISTRY, to: [group], documentId, business: recall })
  t.same(
    recalled.recipients.map(({ agency }) => agency),
    [x],
  )
  t.match(recalled.withdrawn.map(({ agency }) => agency).sort(), [x, y])
  const fresh = await world.send(MINISTRY, { from: MINISTRY, to: [group], documentId: world.newId(MINISTRY) })
  t.same(
    fresh.recipients.map(({ agency }) => agency),
    [y, z],
    'a new document goes to the members of today',
  )
  await replaceFacts(pool, group, 'group', members([MINISTRY]))
  const nobody = { from: MINISTRY, to: [group, 'NHOM.LA'], documentId: world.newId(MINISTRY) }
  t.match(await faultsOf(world.send(MINISTRY, nobody)), [
    { code: 'group-empty' },
    { code: 'recipient-unknown' },
  ])
})

t.test('a successor reports on what its predecessor was sent, and is told in its place', async (t) => {
  const [a, c, stranger] = await world.open({ name: 'Huyện A' }, { name: 'Xã C' }, {})
  const documentId = world.newId(MINISTRY)
  const { document } = await world.send(MINISTRY, { from: MINISTRY, to: [a!], documentId })
  await gateway.deliverDue()
  const delivery = await world.take(a!, document)
  await world.close(a!, c, 'bounce')

  await status(c!, MINISTRY, documentId, '03')
  t.match(await findDelivery(pool, delivery), { recipient: a, processingStatus: '03' })
  await status(a!, MINISTRY, documentId, '05')
  t.match(await findDelivery(pool, delivery), { processingStatus: '05' }, 'a closed agency still reports')
  await gateway.submit(c!, statusPacket({ from: a!, to: MINISTRY, documentId, code: '06' }))
  t.match(await findDelivery(pool, delivery), { processingStatus: '06' }, 'its successor may use its code')
  await t.rejects(status(stranger!, MINISTRY, documentId), refusal('target-not-yours'))
  await t.rejects(
    gateway.submit(stranger!, statusPacket({ from: a!, to: MINISTRY, documentId, code: '06' })),
    refusal('sender-mismatch'),
  )

  const recall = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId), reason: 'Nhầm' }
  const recalled = await world.send(MINISTRY, { from: MINISTRY, to: [a!], documentId, business: recall })
  t.match(recalled.asked, [{ agency: a, delivery }])
  t.match(recalled.recipients, [{ agency: c, addressedAs: [{ code: a, name: 'Huyện A', hops: [{}] }] }])
  await status(c!, MINISTRY, documentId, '15')
  t.match(await findDelivery(pool, delivery), { requestState: 'agreed' })
})

t.test(
  'a status whose ResponseFor names a closed sender goes to its successor, else to its old inbox',
  async (t) => {
    const [a, c, to, gone] = await world.open({ name: 'Sở A' }, { name: 'Sở C' }, {}, { name: 'Sở Giải thể' })
    const [fromA, fromGone] = [world.newId(a!), world.newId(gone!)]
    await world.send(a!, { from: a!, to: [to!], documentId: fromA })
    await world.send(gone!, { from: gone!, to: [to!], documentId: fromGone })
    await world.close(a!, c, 'bounce')
    await world.close(gone!)
    const redirected = await status(to!, a!, fromA)
    t.match(redirected.claims.recipients, [{ agency: c, addressedAs: [{ code: a, name: 'Sở A' }] }])
    const kept = await status(to!, gone!, fromGone)
    t.match(kept.claims.recipients, [{ agency: gone, name: 'Sở Giải thể' }])
    const named = await status(to!, c!, fromA, '06')
    t.match(named.claims.recipients, [{ agency: c }], 'named by the code of the successor')
    const { rows } = await pool.query(
      'select count(*)::integer as n from status_report where document_id = $1',
      [named.claims.document],
    )
    t.same(rows, [{ n: 1 }], 'and it finds the document of the predecessor')
  },
)

t.test('a successor recalls, updates and replaces what its predecessor sent', async (t) => {
  const [a, b, c, to] = await world.open(
    { name: 'Sở A' },
    { name: 'Sở B' },
    { name: 'Sở C' },
    { name: 'Xã N' },
  )
  const ids = [1, 2, 3].map(() => world.newId(a!))
  const sent = []
  for (const documentId of ids) sent.push(await world.send(a!, { from: a!, to: [to!], documentId }))
  await gateway.deliverDue()
  const taken = await world.take(to!, sent[1]!.document)
  await world.close(a!, b)
  await world.close(b!, c)
  const about = (index: number) => edxmlDocumentId(ids[index]!)
  const change = (from: string, documentId: string, business: object) =>
    world.send(c!, { from, to: [to!], documentId, business })

  const recalled = await change(c!, ids[0]!, { operation: 'recall', documentId: about(0) })
  t.match(recalled.withdrawn, [{ agency: to }])
  const updated = await change(c!, world.newId(c!), { operation: 'update', documentId: about(1) })
  t.match([updated.sender, updated.asked], [c, [{ delivery: taken }]])
  const replaced = await change(c!, world.newId(c!), {
    operation: 'replace',
    replacements: [{ documentId: about(2), organIds: [] }],
  })
  t.match(replaced.withdrawn, [{ agency: to }])
  await t.rejects(
    change(a!, world.newId(a!), { operation: 'update', documentId: about(1) }),
    refusal('sender-closed'),
    'a new version is sent under a code that is open',
  )
  await status(to!, a!, ids[1]!, '16')
  t.match(
    await findDelivery(pool, taken),
    { processingStatus: null },
    'the newest version is what is answered',
  )
})

t.test('a recall and an update that name the old code find what was redirected', async (t) => {
  const [a, c, other] = await world.open({ name: 'Xã A' }, { name: 'Xã C' }, {})
  await world.close(a!, c)
  const documentId = world.newId(MINISTRY)
  const { document } = await world.send(MINISTRY, { from: MINISTRY, to: [a!, other!], documentId })
  const delivery = await world.deliveryTo(c!, document)
  const business = { operation: 'recall' as const, documentId: edxmlDocumentId(documentId) }
  const recalled = await world.send(MINISTRY, { from: MINISTRY, to: [a!], documentId, business })
  t.match(recalled.withdrawn, [{ agency: c, delivery }])
  t.equal(recalled.withdrawn.length, 1, 'and nobody else')
})
