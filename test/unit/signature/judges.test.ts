import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { bytesSource, verifyAttachment } from '../../../src/signature/verify-attachment.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'

/*
 * Other programs as judges: what the fakes sign is sound to them, what was tampered with is not, and what they sign
 * is sound to the verifier. Each is skipped where it is not installed.
 */
const NS = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'
const ca = fakeCa()
const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const context = { trust: ca.trust, time: new Date() }
const lines = ['ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM', 'Về việc thử nghiệm chữ ký số: 100 đồng']
const pdf = makePdf(lines)
const issued = await agency.issuePdf(pdf)
const verify = async (bytes: Uint8Array) =>
  (await verifyAttachment(bytesSource(bytes), 'tep-1', undefined, context)).findings

const packetText = (extra = '') => `<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="${NS}">
  <edXML:edXMLEnvelope xmlns:edXML="${NS}" Id="envelope">
    <edXML:edXMLHeader Id="header">
      <edXML:MessageHeader Id="message"><edXML:Subject>Thu 100 đồng</edXML:Subject>${extra}</edXML:MessageHeader>
    </edXML:edXMLHeader>
    <edXML:edXMLBody Id="body"><edXML:edXMLManifest version="1.0"/></edXML:edXMLBody>
  </edXML:edXMLEnvelope>
  <AttachmentEncoded Id="attachments"><Attachment><ContentId>cid:1</ContentId></Attachment></AttachmentEncoded>
</edXML>
`
const packet = Buffer.from(packetText())
const signed = agency.signPacket(packet, 'agency')
const byIds = agency.signPacket(packet, 'agency', { ids: ['message', 'body', 'attachments'] })

/** Replaces exactly one thing; a test whose change does nothing would prove nothing. */
function changed(bytes: Uint8Array, from: string | RegExp, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString()
  const result = text.replace(from, () => to)
  if (result === text) throw new Error(`nothing to change: ${from}`)
  return Buffer.from(result)
}

const has = (program: string, argument: string): boolean => {
  try {
    execFileSync(program, [argument], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

t.test('xmlsec1 agrees', async (t) => {
  try {
    execFileSync('xmlsec1', ['--version'])
  } catch {
    t.pass('skipped: xmlsec1 is not installed', { skip: 'xmlsec1 is not installed' })
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'tram-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const verify = (bytes: Uint8Array): boolean => {
    writeFileSync(join(folder, 'packet.xml'), bytes)
    writeFileSync(join(folder, 'root.pem'), ca.root.certificateChain[0]!.x509.toString())
    writeFileSync(join(folder, 'issuing.pem'), ca.issuing.certificateChain[0]!.x509.toString())
    const ids = ['MessageHeader', 'edXMLBody', 'AttachmentEncoded'].flatMap((one) => [
      '--id-attr:Id',
      `${NS}:${one}`,
    ])
    const property = ['--id-attr:Id', 'http://www.w3.org/2000/09/xmldsig#:SignatureProperty']
    try {
      execFileSync(
        'xmlsec1',
        [
          '--verify',
          '--trusted-pem',
          'root.pem',
          '--untrusted-pem',
          'issuing.pem',
          ...ids,
          ...property,
          'packet.xml',
        ],
        { cwd: folder, stdio: 'pipe' },
      )
      return true
    } catch {
      return false
    }
  }
  t.ok(verify(signed))
  t.ok(verify(byIds))
  t.notOk(verify(changed(signed, 'Thu 100', 'Thu 900')))
  t.notOk(verify(changed(byIds, 'Thu 100', 'Thu 900')))
})

t.test('other programs agree', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tram-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  await t.test('pdfsig', { skip: has('pdfsig', '-v') ? false : 'pdfsig is not installed' }, async (t) => {
    const report = execFileSync('pdfsig', ['-nocert', file('issued.pdf', issued)]).toString()
    t.equal(report.match(/Signature is Valid/g)?.length, 2)
    t.match(report, /Total document signed/)
  })
  await t.test(
    'pdftotext reads the text layer',
    { skip: has('pdftotext', '-v') ? false : 'pdftotext is not installed' },
    async (t) => {
      const text = execFileSync('pdftotext', [file('text.pdf', pdf), '-']).toString()
      for (const line of lines) t.ok(text.includes(line), line)
    },
  )
  await t.test(
    'openssl cms',
    { skip: has('openssl', 'version') ? false : 'openssl is not installed' },
    async (t) => {
      const signed = file('signed.p7m', await agency.signCms(pdf, 'agency'))
      const root = file('root.pem', ca.root.certificateChain[0]!.x509.toString())
      const out = execFileSync(
        'openssl',
        ['cms', '-verify', '-inform', 'DER', '-in', signed, '-CAfile', root, '-purpose', 'any', '-binary'],
        { stdio: 'pipe' },
      )
      t.ok(out.equals(pdf))
      const content = file('content.pdf', pdf)
      for (const extra of [
        ['-nodetach'],
        ['-nodetach', '-keyid'],
        ['-nodetach', '-noattr'],
        ['-nodetach', '-keyopt', 'rsa_padding_mode:pss'],
        ['-nodetach', '-stream'],
      ]) {
        const key = file('key.pem', agency.agency.key.export({ type: 'pkcs8', format: 'pem' }))
        const certificate = file('certificate.pem', agency.agency.certificateChain[0]!.x509.toString())
        const theirs = execFileSync(
          'openssl',
          [
            'cms',
            '-sign',
            '-binary',
            '-in',
            content,
            '-signer',
            certificate,
            '-inkey',
            key,
            '-outform',
            'DER',
            '-md',
            'sha256',
            ...extra,
          ],
          { stdio: 'pipe' },
        )
        t.match(await verify(theirs), [{ format: 'cms', state: 'valid', trust: 'trusted' }], extra.join(' '))
      }
    },
  )
})
