import fc from 'fast-check'
import t from 'tap'
import { BUSINESS_OPERATIONS, type BusinessOperation } from '../../../src/domain/business-operation.ts'
import { DELIVERY_STATE_IDS } from '../../../src/domain/delivery-state.ts'
import { type AffectedDelivery, planEffects } from '../../../src/domain/effects.ts'
import { type AgencyCode, agencyCode, deliveryKey, documentKey } from '../../../src/domain/identifiers.ts'
import {
  legalValueOf,
  type SignatureFinding,
  type SignatureReport,
} from '../../../src/domain/signature-report.ts'

const finding = (
  where: string,
  signerKind: SignatureFinding['signerKind'],
  changes: Partial<SignatureFinding> = {},
) => ({
  where,
  format: 'pades' as const,
  state: 'valid' as const,
  trust: 'trusted' as const,
  signerKind,
  signerName: signerKind === 'agency' ? SENDER.name : 'Nguyễn Văn Mẫu',
  signerOrganisations: [SENDER.name],
  checks: [],
  ...changes,
})
const SENDER = { code: 'G90', name: 'Bộ Thử nghiệm' }

const report = (...findings: SignatureFinding[]): SignatureReport => ({
  envelope: 'absent',
  findings,
  checkedAt: '2026-11-21T00:00:00.000Z',
})

t.test('legal value', async (t) => {
  const both = (where: string) => [finding(where, 'agency'), finding(`${where}#2`, 'person')]

  t.test('needs both signatures on each file', async (t) => {
    t.equal(legalValueOf(report(...both('a')), ['a'], SENDER), 'agency-and-person')
    t.equal(legalValueOf(report(...both('a'), ...both('b')), ['a', 'b'], SENDER), 'agency-and-person')
    t.equal(legalValueOf(report(...both('a'), finding('b', 'agency')), ['a', 'b'], SENDER), 'agency-only')
    t.equal(
      legalValueOf(report(...both('a')), ['a', 'b'], SENDER),
      'reference-only',
      'an unsigned file lowers the whole',
    )
    t.equal(
      legalValueOf(report(finding('a', 'agency'), finding('b', 'person')), ['a', 'b'], SENDER),
      'reference-only',
    )
    t.equal(
      legalValueOf(report(finding('a', 'person')), ['a'], SENDER),
      'reference-only',
      'a person alone is no agency',
    )
  })

  t.test("only the sender's own signatures count", async (t) => {
    const other = { signerName: 'Bộ Khác', signerOrganisations: ['Bộ Khác'] }
    const value = (...findings: SignatureFinding[]) => legalValueOf(report(...findings), ['a'], SENDER)
    t.equal(value(finding('a', 'agency', other), finding('a#2', 'person', other)), 'reference-only')
    t.equal(value(finding('a', 'agency'), finding('a#2', 'person', other)), 'agency-only')
    const department = { signerName: 'Vụ Pháp chế', signerOrganisations: [SENDER.name, 'Vụ Pháp chế'] }
    t.equal(
      value(finding('a', 'agency', department)),
      'reference-only',
      "a department's seal is not the ministry's",
    )
    t.equal(
      value(finding('a', 'agency', { signerName: ' bộ  THỬ nghiệm' })),
      'agency-only',
      'case and spaces',
    )
    t.equal(
      value(finding('a', 'agency', { signerName: undefined, signerOrganisations: [] })),
      'reference-only',
    )
    const partly = { checks: [{ check: 'whole-document', outcome: 'failed' as const }] }
    t.equal(value(finding('a', 'agency', partly)), 'reference-only', 'nor one over a part')
  })

  t.test('a signature over the envelope is one over every file', async (t) => {
    t.equal(legalValueOf(report(finding('envelope', 'agency')), ['a', 'b'], SENDER), 'agency-only')
    t.equal(
      legalValueOf(report(finding('envelope', 'agency'), finding('a', 'person')), ['a'], SENDER),
      'agency-and-person',
    )
    t.equal(legalValueOf(report(...both('envelope')), [], SENDER), 'agency-and-person')
    t.equal(
      legalValueOf(report(...both('a')), [], SENDER),
      'reference-only',
      'a signature over something else',
    )
  })

  t.test('only what is valid and trusted counts, and more signatures never lower it', async () => {
    const RANK = { 'reference-only': 0, 'agency-only': 1, 'agency-and-person': 2 }
    const arbitrary = fc.record({
      where: fc.constantFrom('envelope', 'a', 'a#2', 'b', 'b#1'),
      signerKind: fc.constantFrom('agency' as const, 'person' as const, 'unknown' as const),
      state: fc.constantFrom('valid' as const, 'unverifiable' as const, 'invalid' as const),
      trust: fc.constantFrom('trusted' as const, 'untrusted' as const, 'not-checked' as const),
    })
    fc.assert(
      fc.property(fc.array(arbitrary), arbitrary, (list, more) => {
        const findings = list.map(({ where, signerKind, ...rest }) => finding(where, signerKind, rest))
        const added = finding(more.where, more.signerKind, more)
        const before = RANK[legalValueOf(report(...findings), ['a', 'b'], SENDER)]
        const after = RANK[legalValueOf(report(...findings, added), ['a', 'b'], SENDER)]
        const counts = more.state === 'valid' && more.trust === 'trusted' && more.signerKind !== 'unknown'
        return counts ? after >= before : after === before
      }),
    )
  })
})

const CODES: readonly AgencyCode[] = ['G90', 'H90', 'H90.31', 'H90.32'].map(agencyCode)
const code = fc.constantFrom(...CODES)

/** Addressed by one name, of which the packet speaks. */
const named = (one: string) => ({ spelling: one, code: agencyCode(one), name: one, hops: [] })
const WHOLE = { route: {}, mayHaveLeft: false, leaseUntil: null, names: { spoken: [named('H90')], left: [] } }

const affected: fc.Arbitrary<AffectedDelivery[]> = fc
  .array(
    fc.record({
      document: fc.nat(2),
      recipient: code,
      state: fc.constantFrom(...DELIVERY_STATE_IDS),
      left: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((list) =>
    list.map(({ document, recipient, state, left }, index) => ({
      key: deliveryKey(`delivery-${index}`),
      document: documentKey(`document-${document}`),
      recipient,
      state,
      ...WHOLE,
      mayHaveLeft: left,
    })),
  )
const operation = fc.constantFrom(...(Object.keys(BUSINESS_OPERATIONS) as BusinessOperation[]))
const recipients = fc.uniqueArray(code)
/** As far as anybody can know: another exchange may have what was sent there. */
const isHeld = ({ state, mayHaveLeft }: AffectedDelivery): boolean =>
  state === 'handed-over' || state === 'acknowledged' || (mayHaveLeft && state !== 'withdrawn')
const isOver = ({ state }: AffectedDelivery): boolean =>
  state === 'handed-over' || state === 'acknowledged' || state === 'withdrawn'

/** Nobody is taken off the list, and nobody has closed. */
const itself = (agency: AgencyCode) => agency
const openly = (to: readonly AgencyCode[]) => ({ to, removed: [], reach: itself })

t.test('effects', async (t) => {
  t.test(
    'withdraw for certain what was not handed over, ask where it was, and touch nothing else',
    async () => {
      fc.assert(
        fc.property(operation, recipients, affected, (what, to, list) => {
          const { withdraw, stop, ask, recipients: travels } = planEffects(what, openly(to), list)
          return list.every((delivery) => {
            const reached = isHeld(delivery)
            const gone = delivery.state === 'withdrawn'
            return (
              ask.includes(delivery) === (reached && travels.includes(delivery.recipient)) &&
              withdraw.includes(delivery) === (!reached && !gone) &&
              stop.includes(delivery) === (reached && !isOver(delivery))
            )
          })
        }),
      )
    },
  )

  t.test('nobody gets a packet twice', async () => {
    fc.assert(
      fc.property(operation, recipients, affected, (what, to, list) => {
        const travels = planEffects(what, openly(to), list).recipients
        return new Set(travels).size === travels.length
      }),
    )
  })

  t.test('a recall goes to exactly those who may hold the document', async () => {
    fc.assert(
      fc.property(recipients, affected, (to, list) => {
        const travels = planEffects('recall', openly(to), list).recipients
        const holders = new Set(list.filter(isHeld).map((delivery) => delivery.recipient))
        return travels.length === holders.size && travels.every((each) => holders.has(each))
      }),
    )
  })

  t.test('an update reaches its own recipients and everybody who holds what it changes', async () => {
    fc.assert(
      fc.property(recipients, affected, (to, list) => {
        const travels = planEffects('update', openly(to), list).recipients
        const wanted = new Set([...to, ...list.filter(isHeld).map((delivery) => delivery.recipient)])
        return travels.length === wanted.size && travels.every((each) => wanted.has(each))
      }),
    )
  })

  t.test('who has closed is not sent anything, but what it did not fetch is withdrawn', async () => {
    fc.assert(
      fc.property(operation, recipients, affected, fc.constantFrom(...CODES), (what, to, list, closed) => {
        const reach = (each: AgencyCode) => (each === closed ? null : each)
        const way = { to: to.filter((each) => each !== closed), removed: [], reach }
        const plan = planEffects(what, way, list)
        const open = list.filter(
          (each) => each.recipient === closed && !isHeld(each) && each.state !== 'withdrawn',
        )
        return !plan.recipients.includes(closed) && open.every((each) => plan.withdraw.includes(each))
      }),
    )
  })

  t.test('who took over from a holder is told in its place, and asked for its delivery', async () => {
    fc.assert(
      fc.property(operation, recipients, affected, code, code, (what, to, list, closed, heir) => {
        const reach = (each: AgencyCode) => (each === closed ? heir : each)
        const way = { to: to.map(reach), removed: [], reach }
        const { ask, untold, recipients: travels } = planEffects(what, way, list)
        const held = list.filter((each) => each.recipient === closed && isHeld(each))
        const isTold = travels.includes(heir)
        const known = what === 'recall' || what === 'update' ? held.length === 0 || isTold : true
        return (
          known &&
          (closed === heir || !travels.includes(closed)) &&
          held.every((each) => ask.includes(each) === isTold) &&
          (held.length === 0 || untold.includes(closed) !== isTold)
        )
      }),
    )
  })

  t.test('an update travels to whom it takes off the list only where they hold the document', async (t) => {
    const [kept, off] = [CODES[1]!, CODES[2]!]
    const way = { to: [kept, off], removed: [off], reach: itself }
    const at = (state: AffectedDelivery['state']): AffectedDelivery[] => [
      { key: deliveryKey('d'), document: documentKey('x'), recipient: off, state, ...WHOLE },
    ]
    t.strictSame(planEffects('update', way, at('acknowledged')).recipients, [kept, off])
    t.strictSame(planEffects('update', way, at('available')).recipients, [kept])
    t.strictSame(
      planEffects('new', way, []).recipients,
      [kept, off],
      'nothing known here: to all whom it names',
    )
  })

  t.test('holders that a packet does not reach are named', async (t) => {
    const holder: AffectedDelivery = {
      key: deliveryKey('d'),
      document: documentKey('x'),
      recipient: CODES[3]!,
      state: 'handed-over',
      ...WHOLE,
    }
    t.strictSame(planEffects('replace', openly([CODES[1]!]), [holder]).untold, [CODES[3]])
    t.strictSame(planEffects('recall', openly([]), [holder]).untold, [])
  })

  t.test('a new document and a replacement go where they are addressed', async (t) => {
    const holder: AffectedDelivery = {
      key: deliveryKey('d'),
      document: documentKey('x'),
      recipient: CODES[3]!,
      state: 'acknowledged',
      ...WHOLE,
    }
    for (const what of ['new', 'replace'] as const)
      t.strictSame(planEffects(what, openly([CODES[1]!]), [holder]).recipients, [CODES[1]], what)
  })

  t.test(
    'what goes to one agency by several names is withdrawn once it is taken back from all',
    async (t) => {
      const [heir, other] = [CODES[1]!, CODES[2]!]
      const joint: AffectedDelivery = {
        key: deliveryKey('d'),
        document: documentKey('x'),
        recipient: heir,
        state: 'available',
        ...WHOLE,
        names: { spoken: [named('H90.31')], left: [named('H90.32')] },
      }
      for (const what of ['recall', 'replace'] as const)
        t.match(planEffects(what, openly([other]), [joint]), {
          withdraw: [],
          withdrawInPart: [joint],
          ask: [],
        })
      t.match(
        planEffects('update', openly([heir]), [joint]),
        { withdraw: [joint], withdrawInPart: [] },
        'an update takes its place',
      )
      t.match(planEffects('update', openly([other]), [joint]), { withdraw: [], withdrawInPart: [joint] })
      const held: AffectedDelivery = { ...joint, state: 'handed-over' }
      t.match(planEffects('recall', openly([]), [held]), { ask: [held], withdrawInPart: [] })
      const again: AffectedDelivery = { ...joint, names: { ...joint.names, spoken: [] } }
      t.match(planEffects('recall', openly([]), [again]), { withdraw: [], withdrawInPart: [] }, 'only once')
    },
  )
})
