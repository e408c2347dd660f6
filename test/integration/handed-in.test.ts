import fc from 'fast-check'
import t from 'tap'
import { findDocument } from '../../src/db/documents.ts'
import { recordGateway, rotateSecret } from '../../src/directory/clients.ts'
import { type AgencyCode, agencyCode, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import { GatewayError } from '../../src/domain/problem.ts'
import { recallDocument } from '../../src/intake/compose-recall.ts'
import type { Serves } from '../../src/intake/submission.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { handIn } from '../support/hand-in.ts'
import { documentPacket, statusPacket } from '../support/packets.ts'
import { recordFacts } from '../support/record-facts.ts'
import { successionWorld } from '../support/succession-world.ts'

const gateway = await testGateway(t)
const { pool } = gateway.api
const world = successionWorld(gateway)
const sender = 'H90'

const packetTo = (to: readonly string[], documentId = world.newId(sender)) =>
  documentPacket({ from: sender, to, documentId })
const forThese = (...handedInFor: string[]) => ({ handedInFor })

/** Every delivery of what an agency sent under a DocumentId, over all hand-ins. */
const reached = async (documentId: string): Promise<string[]> => {
  const { rows } = await pool.query<{ recipient_code: string }>(
    `select recipient_code from delivery join document on document.id = document_id
      where edxml_document_id = $1 and operation = 'new' order by recipient_code`,
    [documentId],
  )
  return rows.map(({ recipient_code }) => recipient_code)
}

t.test('each hand-in reaches those for whom it is, and its receipt names them alone', async (t) => {
  const [a, b, c] = await world.open({}, {}, {})
  const id = world.newId(sender)
  const packet = await packetTo([a!, b!, c!], id)
  const first = await handIn(gateway, sender, packet, forThese(a!))
  t.match(first, { replayed: false, claims: { recipients: [{ agency: a }] } })
  t.equal(first.claims.recipients.length, 1)
  const second = await handIn(gateway, sender, packet, forThese(a!, b!))
  t.strictSame(
    second.claims.recipients.map(({ agency }) => agency),
    [b],
    'who has it does not get it again',
  )
  const again = await handIn(gateway, sender, packet, forThese(b!, a!))
  t.match(again, { replayed: true, receipt: second.receipt }, 'the same names, in whatever order')
  t.match(await handIn(gateway, sender, packet, forThese(b!)), { replayed: true, receipt: second.receipt })
  const whole = await handIn(gateway, sender, packet)
  t.strictSame(
    whole.claims.recipients.map(({ agency }) => agency),
    [c],
  )
  t.match(await handIn(gateway, sender, packet, forThese(c!, b!, a!)), {
    replayed: true,
    receipt: whole.receipt,
  })
  t.strictSame(await reached(id), [a, b, c].sort())
  const other = await documentPacket({ from: sender, to: [a!, b!], documentId: id, subject: 'Khác' })
  for (const to of [forThese(a!), forThese(b!), {}])
    await t.rejects(handIn(gateway, sender, other, to), { code: 'document-id-conflict' })
})

t.test('names are compared by whom they mean', async (t) => {
  const [a, old, heir] = await world.open({ aliases: ['000.00.07.H90'] }, {}, {})
  await world.close(old!, heir)
  const id = world.newId(sender)
  const packet = await packetTo([a!, old!, 'KHONG-CO'], id)
  const one = await handIn(gateway, sender, packet, forThese('000.00.07.H90'))
  t.match(one.claims.recipients, [{ agency: a }], 'what is wrong with the names of others is not asked')
  const two = await handIn(gateway, sender, packet, forThese(heir!))
  t.match(two.claims.recipients, [{ agency: heir, addressedAs: [{ code: old }] }], 'who took over')
  t.match(await handIn(gateway, sender, packet, forThese(old!)), { replayed: true }, 'got it by then')
  await t.rejects(handIn(gateway, sender, packet, forThese('KHONG-CO')), {
    code: 'recipients-unresolvable',
    faults: [{ code: 'recipient-unknown', found: 'KHONG-CO' }],
  })
})

t.test('of a group its members are named, or itself', async (t) => {
  const [a, b, c] = await world.open({}, {}, {})
  const group = `N${a}`
  await recordFacts(pool, [
    {
      subject: agencyCode(group),
      kind: 'group',
      value: { name: 'Nhóm', members: { codes: [a!, b!, c!].map(agencyCode) } },
      validFrom: '2020-01-01',
      validTo: null,
    },
  ])
  const id = world.newId(sender)
  const packet = await packetTo([group], id)
  const one = await handIn(gateway, sender, packet, forThese(b!))
  t.match(one.claims, { recipients: [{ agency: b }], groups: [{ code: group, members: 1 }] })
  const rest = await handIn(gateway, sender, packet, forThese(group))
  t.match(rest.claims.groups, [{ code: group, members: 2 }])
  t.strictSame(await reached(id), [a, b, c].sort())
})

t.test('names of another packet count for nothing, unless another exchange gives them', async (t) => {
  const [a, b, other] = await world.open({}, {}, {})
  const id = world.newId(sender)
  const leaked = await handIn(gateway, sender, await packetTo([a!, b!], id), forThese(other!))
  t.equal(leaked.claims.recipients.length, 2, 'a client sends the names of an earlier call')
  const caller = await recordGateway(pool, 'truc-thu')
  const beside = { caller, serves: () => true, handedInFor: [a!, other!] }
  const packet = await packetTo([a!, b!])
  await t.rejects(handIn(gateway, sender, packet, beside), {
    code: 'recipients-unresolvable',
    faults: [{ code: 'recipient-not-named', found: other }],
  })
  const unknown = await packetTo([a!, 'NHOM-CUA-TRUC-KIA'])
  t.match((await handIn(gateway, sender, unknown, beside)).claims.recipients, [
    { agency: a },
    { agency: other, addressedAs: [{ spelling: 'NHOM-CUA-TRUC-KIA' }] },
  ])
})

t.test('a status goes to the party that it answers, whatever names stand beside it', async (t) => {
  const [a, b] = await world.open({}, {})
  const id = world.newId(sender)
  await handIn(gateway, sender, await packetTo([a!], id))
  const status = statusPacket({ from: a!, to: sender, documentId: id, code: '03' })
  const { claims } = await handIn(gateway, a!, Buffer.from(status), forThese(b!))
  t.match(claims.recipients, [{ agency: sender }])
})

const operation = async (
  kind: 'recall' | 'update' | 'replace',
  documentId: string,
  to: readonly string[],
  id = documentId,
) =>
  documentPacket({
    from: sender,
    to,
    documentId: id,
    business: {
      operation: kind,
      reason: 'Sai',
      ...(kind === 'replace'
        ? { replacements: [{ documentId: edxmlDocumentId(documentId), organIds: [] }] }
        : { documentId: edxmlDocumentId(documentId) }),
    },
  })

const states = async (documentId: string) => {
  const { rows } = await pool.query<{ recipient_code: string; state: string; request_state: string | null }>(
    `select recipient_code, delivery.state, request_state from delivery join document on document.id = document_id
      where edxml_document_id = $1 and operation = 'new'`,
    [documentId],
  )
  return Object.fromEntries(
    rows.map(({ recipient_code, state, request_state }) => [recipient_code, request_state ?? state]),
  )
}

t.test('a recall speaks of those for whom it is handed in, and asks nobody twice', async (t) => {
  const [a, b, c] = await world.open({}, {}, {})
  const id = world.newId(sender)
  const packet = await packetTo([a!, b!, c!], id)
  const first = await handIn(gateway, sender, packet, forThese(a!, b!))
  await handIn(gateway, sender, packet)
  await gateway.deliverDue()
  await world.take(a!, first.claims.document)
  const recall = await operation('recall', id, [a!, b!, c!])
  const one = await handIn(gateway, sender, recall, forThese(a!))
  t.match(one.claims, { asked: [{ agency: a }], withdrawn: [], recipients: [{ agency: a }] })
  t.match(await states(id), { [a!]: 'requested', [b!]: 'available', [c!]: 'available' })
  t.match(await handIn(gateway, sender, recall, forThese(a!)), { replayed: true, receipt: one.receipt })
  const two = await handIn(gateway, sender, recall, forThese(a!, b!))
  t.match(two.claims, { asked: [], withdrawn: [{ agency: b }], recipients: [] })
  const agrees = statusPacket({ from: a!, to: sender, documentId: id, code: '15' })
  await handIn(gateway, a!, Buffer.from(agrees))
  const whole = await handIn(gateway, sender, recall)
  t.match(whole.claims, { asked: [], withdrawn: [{ agency: c }], recipients: [] })
  t.match(await states(id), { [a!]: 'agreed', [b!]: 'withdrawn', [c!]: 'withdrawn' }, 'it was asked once')
  t.match(await handIn(gateway, sender, recall, forThese(c!)), { replayed: true })
})

t.test('whoever takes back a document takes back every hand-in of it', async (t) => {
  const [a, b, c] = await world.open({}, {}, {})
  const id = world.newId(sender)
  const packet = await packetTo([a!, b!, c!], id)
  const { claims } = await handIn(gateway, sender, packet, forThese(a!))
  await handIn(gateway, sender, packet, forThese(b!))
  await handIn(gateway, sender, packet)
  const document = await findDocument(pool, claims.document)
  if (document === undefined) throw new Error('no such document')
  const request = { document, agency: agencyCode(sender), reason: 'Gửi nhầm' }
  const { recipients } = await recallDocument(gateway.api, { caller: callerOf(sender) }, request)
  t.strictSame(
    recipients.map(({ agency, outcome }) => [agency, outcome]).sort(),
    [a, b, c].map((code) => [code, 'withdrawn']).sort(),
  )
})

t.test('updates and replacements are for those for whom they are handed in', async (t) => {
  for (const kind of ['update', 'replace'] as const) {
    const [a, b] = await world.open({}, {})
    const id = world.newId(sender)
    await handIn(gateway, sender, await packetTo([a!, b!], id))
    const packet = await operation(kind, id, [a!, b!], world.newId(sender))
    const one = await handIn(gateway, sender, packet, forThese(b!))
    t.match(one.claims, { recipients: [{ agency: b }], withdrawn: [{ agency: b }] }, kind)
    t.equal(one.claims.recipients.length, 1, kind)
    t.match(await states(id), { [a!]: 'waiting', [b!]: 'withdrawn' }, kind)
    const rest = await handIn(gateway, sender, packet)
    t.match(rest.claims, { recipients: [{ agency: a }], withdrawn: [{ agency: a }] }, kind)
    t.equal(rest.claims.recipients.length, 1, kind)
    t.equal(rest.claims.withdrawn.length, 1, `${kind}: what it brought to others itself is not taken back`)
    const late = await handIn(gateway, sender, packet, forThese(a!))
    t.match(late, { replayed: true, receipt: rest.receipt }, kind)
  }
})

t.test('an Idempotency-Key stands for a packet and those for whom it is handed in', async (t) => {
  const [a, b] = await world.open({}, {})
  const packet = await packetTo([a!, b!])
  const idempotencyKey = 'khoa-1'
  await handIn(gateway, sender, packet, { idempotencyKey, ...forThese(a!) })
  t.match(await handIn(gateway, sender, packet, { idempotencyKey, ...forThese(a!) }), { replayed: true })
  await t.rejects(handIn(gateway, sender, packet, { idempotencyKey, ...forThese(b!) }), {
    code: 'idempotency-key-reused',
  })
})

t.test('a system sends for those whom it serves, and nobody is said to have delegated', async (t) => {
  const [served, other, recipient] = await world.open({}, {}, {})
  const serves: Serves = (_directory, code) => code === agencyCode(served!)
  const from = async (agency: string) =>
    documentPacket({ from: agency, to: [recipient!], documentId: world.newId(agency) })
  const { claims } = await handIn(gateway, sender, await from(served!), { serves })
  t.equal(claims.sender, served)
  const [delivery] = await world.deliveries(claims.document)
  t.equal(delivery?.route.actingFor, undefined)
  await t.rejects(handIn(gateway, sender, await from(other!), { serves }), { code: 'sender-mismatch' })
  await t.rejects(handIn(gateway, sender, await from(served!)), { code: 'sender-mismatch' })
})

t.test('another exchange is on record as who brought a packet, and cannot sign in', async (t) => {
  const caller = await recordGateway(pool, 'truc-quoc-gia')
  t.strictSame(await recordGateway(pool, 'truc-quoc-gia'), caller, 'each time it starts')
  await t.rejects(rotateSecret(pool, caller.clientId, new Date(), 'quan-tri'), {
    code: 'delivery-state-conflict',
  })
  const home = agencyCode('H90')
  const serves: Serves = (_directory, code) => code !== home
  const from = (agency: string) =>
    documentPacket({ from: agency, to: ['H91'], documentId: world.newId(agency) })
  const { claims } = await handIn(gateway, '', await from('G90'), { caller, serves })
  const { rows } = await pool.query('select client_id, came_by from document where id = $1', [
    claims.document,
  ])
  t.strictSame(rows, [{ client_id: 'connector.truc-quoc-gia', came_by: 'connector.truc-quoc-gia' }])
  await t.rejects(handIn(gateway, '', await from('H90'), { caller, serves }), { code: 'sender-mismatch' })
  await pool.query(
    `insert into client (client_id, role, agency_code, name) values ('connector.gia', 'agency', 'H90', 'x')`,
  )
  await t.rejects(recordGateway(pool, 'gia'), { code: 'already-exists' })
})

t.test('whoever hands in what, in whatever order and at once, each recipient gets it once', async (t) => {
  const agencies = (await world.open({}, {}, {}, {}, {})).map(agencyCode)
  const subset = fc.uniqueArray(fc.constantFrom(...agencies), { minLength: 1 })
  const handIns = fc.array(
    fc.record({
      for: fc.option(subset, { nil: undefined }),
      other: fc.boolean(),
      at: fc.nat(2),
    }),
    { minLength: 1, maxLength: 7 },
  )
  await fc.assert(
    fc.asyncProperty(handIns, async (all) => {
      const id = world.newId(sender)
      const packets = {
        own: await packetTo(agencies, id),
        other: await documentPacket({ from: sender, to: agencies, documentId: id, subject: 'Nội dung khác' }),
      }
      const wanted = new Set<AgencyCode>()
      let kept: 'own' | 'other' | undefined
      for (const at of [0, 1, 2]) {
        const outcomes = await Promise.all(
          all
            .filter((one) => one.at === at)
            .map(async (one) => {
              const which = one.other ? 'other' : 'own'
              const beside = one.for === undefined ? {} : { handedInFor: one.for }
              const accepted = await handIn(gateway, sender, packets[which], beside).catch(
                (error: unknown) => {
                  if (error instanceof GatewayError && error.code === 'document-id-conflict') return undefined
                  throw error
                },
              )
              return { which, accepted, for: one.for ?? agencies } as const
            }),
        )
        const won = outcomes.find(({ accepted }) => accepted !== undefined)
        kept ??= won?.which
        for (const { which, accepted, for: codes } of outcomes) {
          t.equal(accepted !== undefined, which === kept, 'only the bytes that were first are taken')
          if (accepted !== undefined) for (const code of codes) wanted.add(code)
        }
      }
      t.strictSame(await reached(id), [...wanted].sort())
    }),
    { numRuns: 25 },
  )
})
