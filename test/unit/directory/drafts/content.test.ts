import t from 'tap'
import { contentDigest } from '../../../../src/directory/drafts/content-digest.ts'
import { readContent } from '../../../../src/directory/drafts/read-content.ts'
import { GatewayError } from '../../../../src/domain/problem.ts'

t.test('the digest does not depend on the order of members, and on nothing less than all else', async (t) => {
  const digest = await contentDigest([{ a: 1, b: { c: [1, 2], d: null } }])
  t.match(digest, /^[0-9a-f]{64}$/)
  t.equal(await contentDigest([{ b: { d: null, c: [1, 2] }, a: 1 }]), digest)
  for (const other of [
    [{ a: 1, b: { c: [2, 1], d: null } }],
    [{ a: 1, b: { c: [1, 2] } }],
    [{ a: '1', b: { c: [1, 2], d: null } }],
    [],
  ])
    t.not(await contentDigest(other), digest)
})

const refused = async (kind: 'directory' | 'routing', given: unknown): Promise<string[]> => {
  try {
    await readContent(kind, given)
    return []
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return error.faults.map(({ code, path }) => `${code} ${path}`)
  }
}

const on = '2026-01-01'

t.test('every act has its shape, and every field that is not named is refused', async (t) => {
  const good = [
    { act: 'establish', on, code: 'H1', name: 'Tỉnh', tier: 'province', parent: null },
    { act: 'rename', on, code: 'H1', name: 'Tỉnh Một' },
    { act: 'move', on, code: 'H1.1', parent: 'H2' },
    { act: 'merge', on, codes: ['H1', 'H2'], into: 'H2', whenInFlight: 'keep', basis: 'NQ 202/2025/QH15' },
    { act: 'split', on, code: 'H1', into: [{ code: 'H3', documentTypes: ['Công văn'] }], main: 'H3' },
    { act: 'recode', on, code: 'H1', newCode: 'H9' },
    { act: 'close', on, code: 'H1', successor: null, children: 'stay' },
    { act: 'add-alias', on, code: 'H1', alias: '000.00.00.H1', form: 'qcvn-13' },
    { act: 'end-alias', on, code: 'H1', alias: '000.00.00.H1' },
    { act: 'set-endpoint', on, code: 'H1', endpoint: null },
    { act: 'set-group', on, code: 'ALL', name: 'Tất cả các xã', members: { tier: 'commune' } },
    { act: 'end-group', on, code: 'ALL' },
    {
      act: 'correct',
      facts: [1],
      instead: [{ subject: 'H1', kind: 'name', value: { name: 'x' }, validFrom: on, validTo: null }],
    },
  ]
  t.equal((await readContent('directory', good)).length, good.length)
  for (const [index, act] of good.entries())
    t.strictSame(await refused('directory', [...good.slice(0, index), { ...act, hidden: true }]), [
      `schema-additionalproperties #/content/${index}/hidden`,
    ])
})

t.test('what is no act, no day, no code, and too much of anything', async (t) => {
  const rename = { act: 'rename', on, code: 'H1', name: 'x' }
  t.strictSame(await refused('directory', 'all'), ['content-no-list #/content'])
  t.strictSame(await refused('directory', [null, { act: '__proto__' }, { act: 'constructor' }]), [
    'act-unknown #/content/0/act',
    'act-unknown #/content/1/act',
    'act-unknown #/content/2/act',
  ])
  t.strictSame(await refused('directory', [{ ...rename, on: '2026-02-30' }]), [
    'schema-format #/content/0/on',
  ])
  t.strictSame(await refused('directory', [{ ...rename, code: 'a b' }]), ['schema-pattern #/content/0/code'])
  t.strictSame(await refused('directory', [{ ...rename, name: 'a\nb' }]), ['schema-pattern #/content/0/name'])
  t.equal((await refused('directory', Array(20_001).fill(rename))).length, 1)
  t.equal((await refused('directory', Array(500).fill(null))).length, 100, 'no more than a hundred are told')
  const rule = { id: 'a', channel: 'mailbox' }
  t.strictSame(await refused('routing', [rule]), [])
  t.strictSame(await refused('routing', [{ ...rule, channel: 'pigeon' }]), [
    'schema-enum #/content/0/channel',
  ])
  t.strictSame(await refused('routing', [{ ...rule, maxBytes: 0 }]), ['schema-minimum #/content/0/maxBytes'])
})

t.test('all that is wrong with one item is told, however much it is', async (t) => {
  const fields = Array.from({ length: 20 }, (_, index) => `f${index}`)
  const extra = Object.fromEntries(fields.map((field) => [field, 1]))
  t.strictSame(
    await refused('routing', [{ id: 'a', channel: 'mailbox', ...extra }]),
    fields.map((field) => `schema-additionalproperties #/content/0/${field}`),
  )
  t.strictSame(
    (await refused('directory', [{ act: 'rename', on: '2026-02-30', code: 1, ...extra }])).length,
    fields.length + 3,
    'fields that nobody knows do not hide what else is wrong',
  )
  const wrong = { act: 'rename', on: 1, code: 1, name: 1 }
  t.equal((await refused('directory', Array(4).fill(wrong))).length, 12)
})
