import fc from 'fast-check'
import { test } from 'tap'
import type { GroupExpansion } from '../../../src/domain/directory/group.ts'
import { type AddressingFacts, addressRecipients } from '../../../src/intake/address-recipients.ts'
import { after, code, EMPTY, established } from '../directory/acts/world.ts'

const DAY = '2025-07-01'
const directory = after(
  EMPTY,
  established('G01', null, 'central'),
  established('H1'),
  established('H2'),
  established('H3'),
  established('H4'),
  established('H5'),
  established('H6'),
  established('H1.1', 'H1', 'commune'),
  { act: 'add-alias', on: '2021-01-01', code: code('H2'), alias: '000.00.00.H02', form: 'qcvn-13' },
  { act: 'merge', on: DAY, codes: [code('H1'), code('H2')], into: code('H3') },
  { act: 'close', on: DAY, code: code('H4'), successor: code('H3'), whenAddressed: 'bounce' },
  { act: 'close', on: DAY, code: code('H5'), successor: null },
  {
    act: 'set-group',
    on: '2024-01-01',
    code: code('NHOM'),
    name: 'Các tỉnh',
    members: { codes: [code('H1'), code('H2'), code('H6'), code('G01')] },
  },
)

const facts: AddressingFacts = {
  day: DAY,
  documentType: undefined,
  sender: code('G01'),
  speaksOfOld: false,
  expandedThen: new Map(),
  meantThen: new Map(),
}
const named = (...spellings: string[]) => spellings.map((organId, index) => ({ organId, path: `/${index}` }))
const addressed = (spellings: string[], changes: Partial<AddressingFacts> = {}) =>
  addressRecipients(directory, named(...spellings), { ...facts, ...changes })

test('a group, a member of it and what merged into one agency make one recipient with every name', async (t) => {
  const { recipients, expansions, faults } = addressed(['NHOM', 'H1', '000.00.00.H02', 'H3'])
  t.same(faults, [])
  t.same(
    recipients.map(({ agency }) => agency.code),
    ['H3', 'H6'],
  )
  t.same(
    recipients[0]?.addressed.map(({ spelling, code: named, group, hops }) => [
      spelling,
      named,
      group?.code,
      hops.length,
    ]),
    [
      ['NHOM', 'H1', 'NHOM', 1],
      ['NHOM', 'H2', 'NHOM', 1],
      ['H1', 'H1', undefined, 1],
      ['000.00.00.H02', 'H2', undefined, 1],
      ['H3', 'H3', undefined, 0],
    ],
  )
  t.match(expansions, [{ group: 'NHOM', members: ['H3', 'H6'] }], 'the sender is no member for itself')
})

test('each name that leads nowhere has its reason, its way and who would be right', async (t) => {
  const { faults } = addressed(['H4', 'H5', 'XX', '000.00.00.G01', 'H2', '000.00.00.H02', 'NHOM', 'NHOM'])
  t.same(
    faults.map(({ code: fault, reason, found, expected, path }) => [fault, reason, found, expected, path]),
    [
      ['recipient-closed', 'closed-and-bounced', 'H4', 'H3', '/0'],
      ['recipient-closed', 'closed-without-successor', 'H5', undefined, '/1'],
      ['recipient-unknown', 'unknown-code', 'XX', undefined, '/2'],
      ['recipient-unknown', 'unknown-code', '000.00.00.G01', 'G01', '/3'],
      ['recipient-repeated', undefined, '000.00.00.H02', undefined, '/5'],
      ['recipient-repeated', undefined, 'NHOM', undefined, '/7'],
    ],
  )
})

test('what speaks of an earlier document follows also who is bounced, and passes over who is gone', async (t) => {
  const { recipients, faults } = addressed(['H4', 'H5', 'XX'], { speaksOfOld: true })
  t.match(recipients, [{ agency: { code: 'H3' }, addressed: [{ code: 'H4' }] }])
  t.match(faults, [{ code: 'recipient-unknown', found: 'XX' }])
})

test('a group that was expanded before means whom it meant then, wherever they are now', async (t) => {
  const then: GroupExpansion = {
    group: code('NHOM'),
    name: 'Các tỉnh, như trước',
    directoryRevision: 3,
    members: [code('H4'), code('H5')],
  }
  const { recipients, expansions } = addressed(['NHOM'], { expandedThen: new Map([[then.group, then]]) })
  t.match(recipients, [
    { agency: { code: 'H3' }, addressed: [{ code: 'H4', group: { name: then.name }, hops: [{}] }] },
  ])
  t.equal(recipients.length, 1)
  t.same(expansions, [then])
})

test('every name is told once: as a fault, or with the one recipient to which its way leads', async () => {
  const spelling = fc.constantFrom('G01', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', '000.00.00.H02', 'NHOM', 'XX')
  fc.assert(
    fc.property(fc.array(spelling, { maxLength: 12 }), fc.boolean(), (spellings, speaksOfOld) => {
      const { recipients, faults } = addressed(spellings, { speaksOfOld })
      const told = recipients.flatMap(({ addressed: names }) =>
        names.filter(({ group }) => group === undefined),
      )
      const groups = new Set(
        recipients.flatMap(({ addressed: names }) => names.flatMap(({ group }) => group ?? [])),
      )
      const passedOver = speaksOfOld ? spellings.filter((one) => one === 'H5').length : 0
      const groupNames = groups.size
      return (
        told.length + faults.length + passedOver + groupNames === spellings.length &&
        new Set(recipients.map(({ agency }) => agency.code)).size === recipients.length &&
        recipients.every(
          ({ agency, addressed: names }) =>
            directory.isOpen(agency.code, DAY) &&
            names.length > 0 &&
            names.every(({ code: own, hops }) => (hops.at(-1)?.to.code ?? own) === agency.code),
        )
      )
    }),
  )
})
