import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import { ZipFile } from 'yazl'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { checkFile } from '../../../src/signature/formats/index.ts'
import { signXml, transform, type XmlReference, x509Data } from '../../fakes/sign-xml.ts'
import { WORLD } from '../../fakes/validation-world.ts'

const MIME = 'application/vnd.etsi.asic-e+zip'
const XML = '<r><a>Nội dung công văn</a></r>'
const FILTER = 'http://www.w3.org/2002/06/xmldsig-filter2'
const DSIG = 'http://www.w3.org/2000/09/xmldsig#'

async function zip(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const out = new ZipFile()
  for (const [name, content] of Object.entries({ mimetype: MIME, ...files }))
    out.addBuffer(Buffer.from(content), name, { compress: false })
  out.end()
  return buffer(out.outputStream as Readable)
}

const OBJECT = `<ds:Object xmlns:ds="${DSIG}" Id="o">x</ds:Object>`
const signature = (...references: XmlReference[]) =>
  signXml(WORLD.signer.key, references, {
    keyInfo: x509Data(WORLD.signer.certificateChain[0]!.der),
    objects: '<ds:Object Id="o">x</ds:Object>',
  })
const OWN: XmlReference = { uri: '#o', octets: OBJECT }
const judged = async (files: Readonly<Record<string, string>>, references: XmlReference[]) => {
  const container = await zip({ ...files, 'META-INF/signatures.xml': signature(...references) })
  const { signatures } = await checkFile(bytesSource(container))
  return signatures[0]!
}

t.test('a container is wholly covered, or it is not', async (t) => {
  const doc: XmlReference = { uri: 'doc.xml', octets: XML }
  t.match(await judged({ 'doc.xml': XML }, [doc, OWN]), { state: 'valid', coverage: 'whole' })
  const more = { 'doc.xml': XML, '#o': 'văn bản được thêm vào' }
  t.match(await judged(more, [doc, OWN]), { state: 'valid', coverage: 'part' }, 'named like an Id')
  const low = { 'doc.xml': XML, 'meta-inf/cv.txt': 'văn bản được thêm vào' }
  t.match(await judged(low, [doc, OWN]), { state: 'valid', coverage: 'part' }, 'in a folder of like name')
})

t.test('an object of which something is left out is not covered', async (t) => {
  const nothing = transform(
    FILTER,
    `<dsig-xpath:XPath xmlns:dsig-xpath="${FILTER}" Filter="subtract">/r/a</dsig-xpath:XPath>`,
  )
  const left = await judged({ 'doc.xml': XML }, [{ uri: 'doc.xml', transforms: nothing, octets: '<r></r>' }])
  t.match(left, { state: 'valid', coverage: 'part' })
  const inside = '<r><a>1</a></r>'
  const hiding = `<r><a>1</a><ds:Signature xmlns:ds="${DSIG}"><b>ẩn</b></ds:Signature></r>`
  const xpath = transform(
    'http://www.w3.org/TR/1999/REC-xpath-19991116',
    `<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>`,
  )
  const hidden = await judged({ 'doc.xml': hiding }, [{ uri: 'doc.xml', transforms: xpath, octets: inside }])
  t.match(hidden, { state: 'valid', coverage: 'part' })
})
