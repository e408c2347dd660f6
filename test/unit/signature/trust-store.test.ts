import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { trustList } from '../../../src/cli/trust.ts'
import { loadTrustStore } from '../../../src/signature/trust-store.ts'
import { TrustStoreHolder } from '../../../src/signature/trust-store-holder.ts'
import { CA, type Made, make } from '../../fakes/fake-x509.ts'

const [one, two] = ['Gốc một', 'Gốc hai'].map((subject) => make({ subject, extensions: CA })) as [Made, Made]
const pem = ({ certificate }: Made): string => certificate.x509.toString()
const idOf = ({ certificate }: Made): string => certificate.sha256

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tram-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

t.test('rows say what an anchor is for, and from when to when', async (t) => {
  const row = { sha256: idOf(one), purposes: ['timestamp'], trustedUntil: '2020-01-01', note: 'Thông tư' }
  const folder = folderWith({ 'one.pem': pem(one), 'anchors.json': JSON.stringify([row]) })
  const { anchors } = await loadTrustStore(folder)
  t.strictSame([...anchors[0]!.purposes], ['timestamp'])
  t.match(anchors[0], { trustedUntil: new Date('2020-01-01'), note: 'Thông tư' })
  const both = await loadTrustStore(folderWith({ 'one.pem': pem(one), 'timestamp/one.pem': pem(one) }))
  t.equal(both.anchors.length, 1)
  t.strictSame([...both.anchors[0]!.purposes].sort(), ['signature', 'timestamp'])
})

t.test('rows and files that do not agree are refused', async (t) => {
  const rows: [what: string, text: string, message: RegExp][] = [
    ['an anchor without a row', '[]', /no row/],
    ['a row without a file', JSON.stringify([{ sha256: idOf(one) }, { sha256: idOf(two) }]), /no file/],
    ['two rows of one anchor', JSON.stringify([{ sha256: idOf(one) }, { sha256: idOf(one) }]), /already/],
    ['a field misspelt', JSON.stringify([{ sha256: idOf(one), trustedTill: '2020-01-01' }]), /unknown field/],
    ['an unknown purpose', JSON.stringify([{ sha256: idOf(one), purposes: ['tls'] }]), /purposes/],
    ['a time that is none', JSON.stringify([{ sha256: idOf(one), trustedUntil: '1/1/2020' }]), /no time/],
    ['no digest', '[{}]', /sha256/],
    ['no list', '{}', /no list/],
    ['no JSON', 'x', /no JSON/],
  ]
  for (const [what, text, message] of rows) {
    await t.rejects(
      loadTrustStore(folderWith({ 'one.pem': pem(one), 'anchors.json': text })),
      { message },
      what,
    )
  }
})

t.test('a store is read again in its place; one that cannot be read changes nothing', async (t) => {
  const folder = folderWith({ 'one.pem': pem(one) })
  const holder = await TrustStoreHolder.open(folder)
  const names = () => holder.anchors.map(({ certificate }) => certificate.sha256).sort()
  t.strictSame(await holder.reload(), { outcome: 'unchanged' })
  writeFileSync(join(folder, 'two.pem'), pem(two))
  t.strictSame(await holder.reload(), { outcome: 'reloaded', added: [idOf(two)], removed: [] })
  t.strictSame(names(), [idOf(one), idOf(two)].sort())
  writeFileSync(join(folder, 'two.pem'), 'không phải chứng thư')
  t.match(await holder.reload(), { outcome: 'failed', error: { message: /two.pem/ } })
  t.strictSame(names(), [idOf(one), idOf(two)].sort())
  rmSync(join(folder, 'two.pem'))
  t.strictSame(await holder.reload(), { outcome: 'reloaded', added: [], removed: [idOf(two)] })
  await t.rejects(TrustStoreHolder.open(join(folder, 'none')))
})

t.test('trust list shows each anchor, for what, until when', async (t) => {
  const row = { sha256: idOf(two), trustedUntil: '2020-01-01' }
  const rows = JSON.stringify([{ sha256: idOf(one) }, row])
  const folder = folderWith({ 'one.pem': pem(one), 'two.pem': pem(two), 'anchors.json': rows })
  const lines: string[] = []
  const out = (line: string) => lines.push(line)
  t.equal(await trustList(['--trust', folder, '--json'], out), 0)
  const [ended, trusted] = JSON.parse(lines[0]!).anchors
  t.match(ended, { sha256: idOf(two), state: 'ended', trustedUntil: '2020-01-01T00:00:00.000Z' })
  t.match(trusted, { sha256: idOf(one), state: 'trusted', purposes: ['signature'], subject: 'Gốc một' })
  t.ok(trusted.daysLeft >= 364)
  t.equal(await trustList(['--trust', folder], out), 0)
  t.match(lines.join(' '), /Gốc hai.*hết tin cậy/)
  t.equal(await trustList(['--trust', folder], out, new Date('2099-01-01')), 1)
})
