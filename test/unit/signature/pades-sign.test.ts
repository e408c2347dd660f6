import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PDF } from '@libpdf/core'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { issueAgency } from '../../../scripts/make-certs.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { laterChange, newEffort } from '../../../src/signature/formats/pdf-changes.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import { type Appearance, signingTimeText } from '../../../src/signature/pades-sign/appearance.ts'
import { readSealImage } from '../../../src/signature/pades-sign/image.ts'
import { sealPdf } from '../../../src/signature/pades-sign/seal-pdf.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { disc, pngOf } from '../../fakes/seal-image.ts'
import { signPdf } from '../../fakes/sign-pdf.ts'
import { noPoppler, pdfsig, renderPage, textOfPdf } from '../../support/render-pdf.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const ca = fakeCa()
const keys = issueAgency(ca, { name: 'Sở Thử Nghiệm', code: 'H99.01' })
const ec = issue({ subject: [[NAME.commonName, 'Khóa EC']], profile: 'signature', key: 'p256' }, ca.issuing)
const [agency, person] = [signerOf(keys.agency), signerOf(keys.person)]
const time = new Date('2026-11-20T01:02:03Z')
const MM = 72 / 25.4
const draft = makePdf(['QUYẾT ĐỊNH', 'Về việc thử nghiệm đóng dấu', 'Điều 1. Đóng dấu đúng chỗ.'])

const red = disc(200, [214, 0, 28])
const blue = disc(60, [0, 0, 230])
const seal: Appearance = { kind: 'seal', image: readSealImage(pngOf(red)), widthMm: 36 }
/** The person's signature, 30 mm wide, with its centre 130 mm from the left and 200 mm from the top. */
const personAt = { page: 1, xMm: 130, yMm: 200 }
const signed = await sealPdf(draft, person, {
  time,
  stamp: null,
  appearance: { kind: 'seal', image: blue, widthMm: 30, position: personAt },
})
const sealOver = (pdf: Uint8Array, appearance: Appearance = seal, signer = agency) =>
  sealPdf(pdf, signer, { time, stamp: null, appearance })
const onlySigned = async (pdf: Uint8Array, from: number) =>
  (await laterChange(bytesSource(pdf), from, pdf.length, newEffort())).kind

/** The draft with some text of it replaced, and cross-references that fit again. */
function edited(from: string, to: string): Buffer {
  const text = Buffer.from(draft).toString('latin1').replace(from, to)
  const startXref = text.indexOf('xref\n0 ')
  const offsets = [...text.slice(0, startXref).matchAll(/^\d+ 0 obj/gm)].map(({ index }) => index)
  let number = 0
  const mended = text
    .replace(/^\d{10} 00000 n/gm, () => `${String(offsets[number++]).padStart(10, '0')} 00000 n`)
    .replace(/startxref\n\d+/, `startxref\n${startXref}`)
  return Buffer.from(mended, 'latin1')
}

const isRed = ([r, g, b]: readonly [number, number, number]) => r > 180 && g < 60 && b < 80
const isBlue = ([r, g, b]: readonly [number, number, number]) => b > 180 && r < 60 && g < 60
const isWhite = (rgb: readonly [number, number, number]) => rgb.every((value) => value > 250)

t.test('the seal stands over a third of the signature, to its left, at its true size', async (t) => {
  const pdf = await sealOver(signed)
  t.same(Buffer.from(pdf.subarray(0, signed.length)), Buffer.from(signed), 'what was there stays as it was')
  t.equal(await onlySigned(pdf, signed.length), 'only-signed')
  t.equal(await onlySigned(pdf, draft.length).catch(String), 'only-signed')
  if (noPoppler) return t.comment(noPoppler)
  const page = renderPage(await temporaryFolder(t), pdf)
  // The person's stands from 115 to 145 mm; the seal's right edge is at 125 mm, its left one at 89 mm.
  const at = (xMm: number, yMm: number) => page.at(xMm * MM, yMm * MM)
  t.ok(isRed(at(107, 200)), 'its centre')
  t.ok(isRed(at(90, 200)) && isRed(at(124, 200)), 'as wide as the seal is')
  t.ok(isRed(at(107, 183)) && isRed(at(107, 217)), 'and as high')
  t.ok(isBlue(at(127, 200)), "two thirds of the person's signature show")
  t.ok(isWhite(at(88, 200)) && isWhite(at(107, 181)) && isWhite(at(91, 184)), 'transparent around it')
})

t.test('others accept every signature', { skip: noPoppler }, async (t) => {
  const folder = await temporaryFolder(t)
  for (const [name, signer] of Object.entries({ rsa: agency, ec: signerOf(ec) })) {
    const said = pdfsig(folder, await sealOver(signed, seal, signer))
    t.equal(said.match(/Signature is Valid/g)?.length, 2, name)
    t.match(said, /Seal2|Signature #2/)
    t.match(said, /ETSI\.CAdES\.detached/)
    t.match(said, /Total document signed/)
  }
})

t.test('an annex shows text in the upper right corner of its first page, and no image', async (t) => {
  const pdf = await sealOver(draft, { kind: 'annex', notation: '15/QĐ-UBND' })
  if (noPoppler) return t.comment(noPoppler)
  const folder = await temporaryFolder(t)
  const text = textOfPdf(folder, pdf)
  t.match(text, '15/QĐ-UBND')
  t.match(text, '20-11-2026 08:02:03 +07:00', 'in the time of Vietnam')
  const page = renderPage(folder, pdf)
  let [dark, farLeft, coloured] = [0, 0, 0]
  for (let x = 0; x < page.width; x++) {
    for (let y = 0; y < 48; y++) {
      const rgb = page.at(x, y)
      if (rgb.some((value) => value < 128)) {
        dark++
        if (x < page.width / 2) farLeft++
      }
      if (Math.max(...rgb) - Math.min(...rgb) > 20) coloured++
    }
  }
  t.ok(dark > 100, 'something is written there')
  t.equal(farLeft, 0)
  t.equal(coloured, 0, 'in black')
})

t.test('a copy tells its kind, the agency and the time', { skip: noPoppler }, async (t) => {
  const pdf = await sealOver(signed, {
    kind: 'copy',
    form: 'SAO Y',
    agency: 'Ủy ban nhân dân tỉnh Thử Nghiệm',
  })
  const text = textOfPdf(await temporaryFolder(t), pdf)
  for (const line of ['SAO Y', 'Ủy ban nhân dân tỉnh Thử Nghiệm', '20-11-2026 08:02:03 +07:00'])
    t.match(text, line)
})

t.test('a long name is broken into lines that stay on the right', { skip: noPoppler }, async (t) => {
  const name = 'Ban Quản lý dự án đầu tư xây dựng các công trình giao thông và nông nghiệp tỉnh Thử Nghiệm'
  const pdf = await sealOver(signed, { kind: 'copy', form: 'SAO Y', agency: name })
  const text = textOfPdf(await temporaryFolder(t), pdf)
  t.match(text.replace(/\s+/g, ' '), name)
  t.match(text, /Ban Quản lý [^\n]*\n[^\n]*tỉnh Thử Nghiệm/)
})

t.test('a timestamp token longer than expected finds room', async (t) => {
  const lengths: number[] = []
  const stamp = async () => {
    lengths.push(60_000)
    return Buffer.concat([Buffer.from([0x30, 0x82, 0xea, 0x60]), Buffer.alloc(60_000, 5)])
  }
  const pdf = await sealPdf(draft, agency, { time, stamp, appearance: { kind: 'invisible' } })
  t.equal(lengths.length, 2)
  t.ok(Buffer.from(pdf).includes('05'.repeat(60_000)))
})

t.test('files of every kind are continued in their own way', async (t) => {
  const folder = await temporaryFolder(t)
  const loaded = await PDF.load(draft)
  const packed = await loaded.save({ useXRefStream: true })
  const elsewhere = await signPdf(draft, keys.person)
  for (const [name, pdf] of Object.entries({
    packed,
    elsewhere,
    three: await sealOver(await sealOver(signed)),
  })) {
    const sealed = await sealOver(pdf, { kind: 'invisible' })
    t.equal(await onlySigned(sealed, pdf.length), 'only-signed', name)
    if (!noPoppler) t.notMatch(pdfsig(folder, sealed), /Invalid|Unknown/, name)
  }
})

const CORPUS = '../shared/corpora/dss-pades/files'
const noCorpus = noPoppler || (existsSync(CORPUS) ? false : 'the third-party files are not here')

t.test('signatures of others stay valid under ours', { skip: noCorpus }, async (t) => {
  const folder = await temporaryFolder(t)
  const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pdf') && statSync(join(CORPUS, name)).size < 200_000)
    .sort()
    .filter((_, index) => index % 6 === 0)
  const valid = (pdf: Uint8Array) => pdfsig(folder, pdf).match(/Signature is Valid/g)?.length ?? 0
  let sealed = 0
  for (const name of files) {
    const pdf = readFileSync(join(CORPUS, name))
    const made = await sealOver(pdf, { kind: 'annex', notation: '15/QĐ-UBND' }).catch((error: unknown) => {
      t.match(error, { code: 'pdf-unsealable' }, name)
      return undefined
    })
    if (made === undefined) continue
    sealed++
    t.equal(valid(made), valid(pdf) + 1, name)
  }
  t.ok(sealed > files.length / 2, `${sealed} of ${files.length}`)
})

t.test('a turned page is sealed upright, where its reader sees it', { skip: noPoppler }, async (t) => {
  const folder = await temporaryFolder(t)
  for (const turned of [90, 180, 270]) {
    const pdf = edited('/MediaBox [0 0 595 842]', `/MediaBox [0 0 595 842] /Rotate ${turned}`)
    const sealed = await sealOver(pdf, { ...seal, position: { page: 1, xMm: 60, yMm: 50 } } as Appearance)
    const shown = renderPage(folder, sealed)
    t.ok(isRed(shown.at(60 * MM, 50 * MM)), `${turned}`)
    t.ok(isRed(shown.at((60 - 17) * MM, 50 * MM)) && isWhite(shown.at((60 - 19) * MM, 50 * MM)))
    t.match(textOfPdf(folder, await sealOver(pdf, { kind: 'annex', notation: '15/QĐ' })), '15/QĐ')
  }
})

t.test('what cannot be sealed is refused by name', async (t) => {
  const because = (code: string) => ({ code: 'pdf-unsealable', faults: [{ code }] })
  const refused = (pdf: Uint8Array, code: string, appearance: Appearance = seal) =>
    t.rejects(sealOver(pdf, appearance), because(code), code)
  await refused(draft, 'nothing-to-cover')
  await refused(Buffer.from('no PDF'), 'pdf-malformed')
  await refused(signed.subarray(0, signed.length - 300), 'pdf-malformed')
  await refused(edited('/Root 1 0 R', '/Root 1 0 R /Encrypt 9 0 R'), 'pdf-encrypted')
  await refused(edited('/Type /Catalog', '/Type /Catalog /AcroForm << /Fields [] /XFA [] >>'), 'pdf-form-xfa')
  const certified =
    '/Perms << /DocMDP << /Reference [<< /TransformMethod /DocMDP /TransformParams << /P 1 >> >>] >> >>'
  await refused(edited('/Type /Catalog', `/Type /Catalog ${certified}`), 'pdf-certified')
  const permitting = edited('/Type /Catalog', `/Type /Catalog ${certified.replace('/P 1', '/P 2')}`)
  t.ok(await sealOver(permitting, { kind: 'invisible' }), 'a certification that permits signing')
  const position = (xMm: number, yMm: number, page = 1) =>
    ({ ...seal, position: { page, xMm, yMm } }) as Appearance
  await refused(draft, 'position-off-page', position(5, 50))
  await refused(draft, 'page-unknown', position(50, 50, 2))
  await refused(draft, 'text-unwritable', { kind: 'annex', notation: '15/決定' })
})

t.test('the image is a red seal on nothing', async (t) => {
  const because = (code: string) => ({ code: 'pdf-unsealable', faults: [{ code }] })
  const image = readSealImage(pngOf(red))
  t.same(image, red, 'every filter of PNG is undone')
  t.throws(() => readSealImage(pngOf(blue)), because('image-not-red'))
  t.throws(
    () => readSealImage(pngOf({ ...red, opacity: red.opacity.map(() => 255) })),
    because('image-opaque'),
  )
  t.throws(() => readSealImage(Buffer.from('GIF89a')), because('image-malformed'))
  const png = pngOf(red)
  for (let at = 0; at < png.length - 12; at += 61)
    t.throws(() => readSealImage(png.subarray(0, at)), because('image-malformed'))
})

t.test('the signing time is told in Vietnam', async (t) => {
  t.equal(signingTimeText(new Date('2026-12-31T17:00:00Z')), '01-01-2027 00:00:00 +07:00')
})
