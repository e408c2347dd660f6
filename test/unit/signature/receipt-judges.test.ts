import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { agencyCode, documentKey, sha256 } from '../../../src/domain/identifiers.ts'
import type { AcceptanceReceipt } from '../../../src/domain/receipt.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import { signReceipt } from '../../../src/signature/receipt-jws.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/*
 * What an agency needs to hold a receipt against the gateway without any of its programs: openssl takes the signature
 * and the certificate, and takes neither for another receipt.
 */
const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
})()

const receipt: AcceptanceReceipt = {
  event: 'SubmissionAcceptance',
  document: documentKey('0195-thu'),
  edxmlDocumentId: null,
  sender: agencyCode('H99'),
  recipients: [],
  withdrawn: [],
  asked: [],
  packetSha256: sha256('0'.repeat(64)),
  packetLength: 9,
  attachments: [],
  envelopeSignature: 'absent',
  legalValue: 'reference-only',
  acceptedAt: '2026-03-02T01:02:03.000Z',
}

/** r and s side by side (RFC 7518 §3.4) as the SEQUENCE that openssl reads. */
function ecdsaSequence(value: Buffer): Buffer {
  const integer = (bytes: Buffer): Buffer => {
    let first = 0
    while (first < bytes.length - 1 && bytes[first] === 0) first += 1
    const digits = bytes.subarray(first)
    const positive = digits[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits
    return Buffer.concat([Buffer.of(0x02, positive.length), positive])
  }
  const body = Buffer.concat([integer(value.subarray(0, 32)), integer(value.subarray(32))])
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}

const ca = fakeCa()
const subject = [[NAME.commonName, 'Trục thử nghiệm']] as const

for (const [name, options, encode] of [
  ['rsa', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'], (value: Buffer) => value],
  ['p256', [], ecdsaSequence],
] as const) {
  t.test(
    `openssl takes a receipt signed with ${name}`,
    { skip: hasOpenssl ? false : 'no openssl' },
    async (t) => {
      const folder = await temporaryFolder(t)
      const file = (called: string, bytes: string | Uint8Array): string => {
        writeFileSync(join(folder, called), bytes)
        return join(folder, called)
      }
      const openssl = (...args: string[]): boolean => {
        try {
          execFileSync('openssl', args, { stdio: 'pipe' })
          return true
        } catch {
          return false
        }
      }
      const key = issue({ subject, profile: 'signature', key: name }, ca.issuing)
      const jws = await signReceipt(receipt, signerOf(key))
      const [header, payload, value] = jws.split('.') as [string, string, string]
      const { x5c } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { x5c: string[] }
      const [leaf, ...issuers] = x5c.map((text, index) => {
        const der = file(`${index}.der`, Buffer.from(text, 'base64'))
        const pem = join(folder, `${index}.pem`)
        t.ok(openssl('x509', '-inform', 'DER', '-in', der, '-out', pem))
        return pem
      })
      const root = file('root.pem', ca.root.certificateChain[0]!.x509.toString())
      t.ok(openssl('verify', '-CAfile', root, ...issuers.flatMap((one) => ['-untrusted', one]), leaf!))
      const publicKey = join(folder, 'public.pem')
      t.ok(openssl('x509', '-in', leaf!, '-noout', '-pubkey', '-out', publicKey))
      const signature = file('signature', encode(Buffer.from(value, 'base64url')))
      const takes = (input: string) =>
        openssl(
          'dgst',
          '-sha256',
          ...options,
          '-verify',
          publicKey,
          '-signature',
          signature,
          file('input', input),
        )
      t.ok(takes(`${header}.${payload}`))
      const other = Buffer.from(JSON.stringify({ ...receipt, packetLength: 10 })).toString('base64url')
      t.notOk(takes(`${header}.${other}`))
    },
  )
}
