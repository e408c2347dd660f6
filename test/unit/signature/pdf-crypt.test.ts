import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { checkPdf } from '../../../src/signature/formats/pades-file.ts'
import { openDocument, type PlacedStream } from '../../../src/signature/formats/pdf-document.ts'
import { PdfFile } from '../../../src/signature/formats/pdf-file.ts'
import { rc4 } from '../../../src/signature/formats/pdf-rc4.ts'
import { readRevision } from '../../../src/signature/formats/pdf-xref.ts'
import { detachedBy, objectOf, signByHand, streamObject, updatePdf } from '../../fakes/edit-pdf.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'

const { person } = signingAgency({ ca: fakeCa(), name: 'Cơ quan Thử', code: 'H99' })
const pdf = makePdf(['Về việc thử nghiệm'])
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

t.test('RC4 as RFC 6229 has it', async (t) => {
  const key = Buffer.from('0102030405', 'hex')
  t.equal(Buffer.from(rc4(key, new Uint8Array(16))).toString('hex'), 'b2396305f03dc027ccc3524a0a1118a8')
})

const skip = spawnSync('qpdf', ['--version']).status === 0 ? false : 'qpdf is not installed'
const KINDS: Record<string, readonly string[]> = {
  'RC4, 40 bits': ['40', '--'],
  'RC4, 128 bits': ['128', '--use-aes=n', '--'],
  'AES, 128 bits': ['128', '--use-aes=y', '--'],
  'AES, 256 bits': ['256', '--'],
  'AES, 256 bits, extension level 3': ['256', '--force-R5', '--'],
}

for (const [kind, options] of Object.entries(KINDS)) {
  t.test(`encrypted without a password: ${kind}`, { skip }, async (t) => {
    const folder = t.testdir()
    const encrypt = (bytes: Uint8Array, password = ''): Buffer => {
      const [from, to] = [join(folder, 'plain.pdf'), join(folder, 'encrypted.pdf')]
      writeFileSync(from, bytes)
      const common = ['--allow-weak-crypto', '--object-streams=disable', '--stream-data=preserve']
      execFileSync('qpdf', [...common, '--encrypt', password, 'owner', ...options, from, to])
      return readFileSync(to)
    }
    const encrypted = encrypt(pdf)
    const file = new PdfFile(bytesSource(encrypted))
    const document = await openDocument(file, await readRevision(file, false, true))
    const page = await document.resolve({ ref: 3, generation: 0 })
    t.ok(page instanceof Map)
    const contents = page instanceof Map ? page.get('/Contents') : null
    const stream = await document.resolve(contents)
    t.equal(
      latin1(await document.data(stream as PlacedStream)),
      /stream\n([\s\S]*?)\nendstream/.exec(latin1(pdf))![1],
    )

    const named = await signByHand(pdf, { numbers: [20, 21], name: 'Nguoi ky', contents: detachedBy(person) })
    t.match(await checkPdf(bytesSource(encrypt(named))), [{ id: 'Nguoi ky', state: 'invalid' }])

    const trailer = trailerOf(encrypted)
    const signed = await signByHand(encrypted, {
      numbers: [40, 41],
      name: '',
      trailer,
      contents: detachedBy(person),
    })
    t.match(await checkPdf(bytesSource(signed)), [
      { state: 'valid', coverage: 'whole', modifiedAfterSigning: false },
    ])
    const extended = updatePdf(
      signed,
      { 1: objectOf(signed, 1).replace(/>>$/, '/DSS 50 0 R >>'), 50: '<< /Type /DSS >>' },
      { trailer },
    )
    t.match(await checkPdf(bytesSource(extended)), [{ coverage: 'whole', later: [{ by: [] }] }])
    const changed = updatePdf(signed, { 4: streamObject('0'.repeat(32)) }, { trailer })
    t.match(await checkPdf(bytesSource(changed)), [{ coverage: 'part', modifiedAfterSigning: true }])
    const opened = await checkPdf(bytesSource(updatePdf(signed, { 50: 'null' })))
    t.match(opened, [{ coverage: 'part', modifiedAfterSigning: true }], 'no longer encrypted')

    const locked = encrypt(pdf, 'a password')
    const again = await signByHand(locked, {
      numbers: [40, 41],
      name: '',
      trailer: trailerOf(locked),
      contents: detachedBy(person),
    })
    t.match(await checkPdf(bytesSource(again)), [{ state: 'valid', coverage: 'whole' }])
    const more = updatePdf(again, { 50: 'null' }, { trailer: trailerOf(locked) })
    t.match(await checkPdf(bytesSource(more)), [
      { state: 'valid', coverage: 'unknown', modifiedAfterSigning: null },
    ])
  })
}

const trailerOf = (bytes: Uint8Array): string =>
  `/Encrypt ${/\/Encrypt (\d+ 0 R)/.exec(latin1(bytes))![1]} /ID ${/\/ID (\[[^\]]*\])/.exec(latin1(bytes))![1]}`
