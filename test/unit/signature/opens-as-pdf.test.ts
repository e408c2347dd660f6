import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { ZipFile } from 'yazl'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { octetString } from '../../../src/signature/der-writer.ts'
import { checkFile } from '../../../src/signature/formats/index.ts'
import { attribute, makeCms } from '../../fakes/make-cms.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { signXml, transform, x509Data } from '../../fakes/sign-xml.ts'
import { WORLD } from '../../fakes/validation-world.ts'

const honest = makePdf(['Kinh phi: 1 dong'])
const other = makePdf(['Kinh phi: 1000000000 dong'])
const keyInfo = x509Data(WORLD.signer.certificateChain[0]!.der)
const one = async (file: Uint8Array) => (await checkFile(bytesSource(file))).signatures[0]
const WHOLE = { state: 'valid', coverage: 'whole' }
const HIDING = { state: 'valid', coverage: 'part' }

t.test('CMS over a PDF, and with another one around it', async (t) => {
  const cms = (content: Uint8Array, unsigned: readonly Buffer[] = []) =>
    makeCms(content, [{ by: WORLD.signer, unsigned: () => [...unsigned] }])
  const behind = [attribute('2.999.1', octetString(other))]
  t.match(await one(cms(honest)), WHOLE)
  t.match(await one(cms(honest, behind)), HIDING, 'behind the content')
  t.match(await one(cms(Buffer.from('Kinh phí'), behind)), HIDING, 'in place of the content')
})

t.test('a container that begins with a PDF', async (t) => {
  const zip = (files: Readonly<Record<string, Uint8Array | string>>) => {
    const out = new ZipFile()
    for (const [name, content] of Object.entries(files))
      out.addBuffer(Buffer.from(content), name, { compress: false })
    out.end()
    return buffer(out.outputStream as Readable)
  }
  const files = {
    'cv.txt': 'Kinh phí',
    'META-INF/signatures.xml': signXml(WORLD.signer.key, [{ uri: 'cv.txt', octets: 'Kinh phí' }], {
      keyInfo,
    }),
  }
  t.match(await one(await zip(files)), WHOLE)
  t.match(await one(await zip({ 'META-INF/x': other, ...files })), HIDING)
})

t.test('XML with a PDF in a comment', async (t) => {
  const enveloped = transform('http://www.w3.org/2000/09/xmldsig#enveloped-signature')
  const signature = signXml(WORLD.signer.key, [{ uri: '', transforms: enveloped, octets: '<r>1</r>' }], {
    keyInfo,
  })
  const xml = `<r>1${signature}</r>`
  t.match(await one(Buffer.from(xml)), WHOLE)
  const text = Buffer.from(other)
    .toString('latin1')
    .replace(/[^\n\x20-\x7e]|--/g, '.')
  t.match(await one(Buffer.from(`<!--${text}-->${xml}`)), HIDING)
})
