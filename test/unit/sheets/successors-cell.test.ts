import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'tap'
import { agencyCode } from '../../../src/domain/identifiers.ts'
import { parseSuccessors, showSuccessors, successors } from '../../../src/sheets/successors-cell.ts'

const code = fc.constantFrom('H51.1', 'H51.2', 'H51.3', 'G22').map(agencyCode)
const types = fc.uniqueArray(fc.constantFrom('Công văn', 'Tờ trình', 'Giấy mời'), { minLength: 1 })
const heirs = fc.uniqueArray(fc.record({ code, documentTypes: types }, { noNullPrototype: true }), {
  minLength: 1,
  selector: (heir) => heir.code,
})

test('who takes over comes back as it went, whoever the main one is', async (t) => {
  fc.assert(
    fc.property(heirs, fc.nat(), fc.constantFrom('none', 'plain', 'typed'), (found, index, kind) => {
      const chosen = found[index % found.length]!
      const main = kind === 'none' ? null : chosen.code
      const all = found.map((heir) => (kind === 'plain' && heir === chosen ? { code: heir.code } : heir))
      const read = parseSuccessors(showSuccessors({ heirs: all, main }))
      deepStrictEqual(read?.main, main)
      const byCode = (list: readonly { readonly code: string }[]) =>
        [...list].sort((a, b) => (a.code < b.code ? -1 : 1))
      deepStrictEqual(byCode(read?.heirs ?? []), byCode(all))
    }),
  )
  t.pass('for all of them')
})

test('what people write', async (t) => {
  t.strictSame(parseSuccessors('H51.1'), { heirs: [{ code: 'H51.1' }], main: 'H51.1' })
  t.equal(successors.read(' H51.2:Công văn ,Tờ trình;  H51.1'), 'H51.1; H51.2: Công văn, Tờ trình')
  for (const text of ['', ';', 'a b', 'H51.1; H51.1', 'H51.1:', 'H51.1: ,', '*', 'H51.1, H51.2'])
    t.equal(parseSuccessors(text), undefined, text)
})
