import fc from 'fast-check'
import { diag } from 'libxml2-wasm'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import type { SignatureFinding } from '../../../src/domain/signature-report.ts'
import { MAX_XML_BYTES } from '../../../src/signature/formats/xml-parse.ts'
import { boundedSource } from '../../../src/signature/validation/bounded-source.ts'
import { NO_EVIDENCE } from '../../../src/signature/validation/evidence.ts'
import { verifyEnvelope } from '../../../src/signature/verify-envelope.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { signPacket } from '../../fakes/sign-packet.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'
import { workTime } from '../../support/work-time.ts'

diag.configure({ enabled: true })
const NS = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'
const ca = fakeCa()
const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const context = { trust: ca.trust, time: new Date() }

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

const match = (bytes: Uint8Array, pattern: RegExp): string => pattern.exec(Buffer.from(bytes).toString())![0]
const outcomes = (finding: SignatureFinding | undefined): Record<string, string> =>
  Object.fromEntries(finding?.checks.map(({ check, outcome }) => [check, outcome]) ?? [])
const reasons = (finding: SignatureFinding | undefined): string =>
  finding?.checks.map(({ reason }) => reason?.en ?? '').join('\n') ?? ''

t.test('names in KeyInfo that every object knows mean nothing', async (t) => {
  for (const name of ['__proto__', 'hasOwnProperty', 'valueOf', 'constructor', 'toString'])
    for (const element of [`<${name} xmlns=""/>`, `<KeyValue><${name} xmlns=""/></KeyValue>`]) {
      const { state } = await verifyEnvelope(changed(signed, '</KeyInfo>', `${element}</KeyInfo>`), context)
      t.equal(state, 'valid', element)
    }
})

t.test('a sound signature over the whole packet', async (t) => {
  const { state, findings } = await verifyEnvelope(signed, context)
  t.equal(state, 'valid')
  t.match(findings, [
    {
      where: 'envelope',
      state: 'valid',
      trust: 'trusted',
      signerKind: 'agency',
      signerOrganisations: ['Ủy ban nhân dân tỉnh Thử Nghiệm'],
      signatureAlgorithm: 'rsa-sha256',
    },
  ])
  t.match(outcomes(findings[0]), {
    digest: 'passed',
    'signature-value': 'passed',
    'whole-document': 'passed',
    chain: 'passed',
    revocation: 'warned',
    timestamp: 'warned',
  })
  t.ok(findings[0]?.checks.every(({ outcome, reason }) => outcome === 'passed' || (reason?.vi && reason.en)))
})

t.test('no signature is absent, an empty one too', async (t) => {
  t.strictSame(await verifyEnvelope(packet, context), {
    state: 'absent',
    findings: [],
    evidence: NO_EVIDENCE,
  })
  const empty = Buffer.from(packetText('<edXML:DigitalSignature />'))
  t.equal((await verifyEnvelope(empty, context)).state, 'absent')
})

t.test(
  'the profile of government signers: Ids without transforms, SigningTime first, person then agency',
  async (t) => {
    const ids = ['message', 'body', 'attachments']
    const time = new Date('2026-03-02T01:02:03Z')
    const once = agency.signPacket(packet, 'person', { ids, time })
    const twice = agency.signPacket(once, 'agency', { ids, time })
    const { state, findings } = await verifyEnvelope(twice, context)
    t.equal(state, 'valid')
    t.match(findings, [
      { where: 'envelope#1', state: 'valid', trust: 'trusted', signerKind: 'person' },
      { where: 'envelope#2', state: 'valid', trust: 'trusted', signerKind: 'agency' },
    ])
    t.equal(findings[0]?.claimedSigningTime, time.toISOString())
  },
)

t.test('a part alone is valid for the part and not for the envelope', async (t) => {
  for (const ids of [['message'], ['message', 'body']]) {
    const { state, findings } = await verifyEnvelope(agency.signPacket(packet, 'agency', { ids }), context)
    t.equal(state, 'unverifiable')
    t.match(findings, [{ state: 'valid', trust: 'not-checked' }])
    t.equal(outcomes(findings[0])['whole-document'], 'failed')
  }
})

t.test('tampered with', async (t) => {
  const otherCertificate = Buffer.from(agency.person.certificateChain[0]!.der).toString('base64')
  const value = match(signed, /<SignatureValue>[^<]{20}/)
  const swapped = value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A')
  const digest = match(signed, /<DigestValue>[^<]+/).slice('<DigestValue>'.length)
  const cases: Record<string, Uint8Array> = {
    'text changed': changed(signed, 'Thu 100', 'Thu 900'),
    'attachment changed': changed(signed, 'cid:1<', 'cid:2<'),
    'attribute changed': changed(signed, 'version="1.0"/>', 'version="2.0"/>'),
    'element added': changed(
      signed,
      '</edXML:Subject>',
      '</edXML:Subject><edXML:Content>thêm</edXML:Content>',
    ),
    'processing instruction in text': changed(signed, 'Thu 100', 'Thu <?x 100?>100'),
    'text turned into a processing instruction': changed(signed, 'Thu 100 đồng', '<?x Thu 100 đồng?>'),
    'digest value changed': changed(signed, digest, Buffer.alloc(32, 7).toString('base64')),
    'signature value changed': changed(signed, value, swapped),
    'certificate swapped': changed(signed, /<X509Certificate>[^<]+/, `<X509Certificate>${otherCertificate}`),
    'referenced element removed': changed(byIds, ' Id="attachments"', ''),
    'signing time changed': changed(
      byIds,
      /<SigningTime ([^>]*)>20/,
      '<SigningTime xmlns="http://example.org/#signatureProperties">19',
    ),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    const { state, findings } = await verifyEnvelope(bytes, context)
    t.equal(state, 'invalid', name)
    t.ok(
      findings.every(({ trust }) => trust === 'not-checked'),
      `${name}: no trust`,
    )
  }
})

t.test('built to deceive', async (t) => {
  const digest = match(signed, /<DigestValue>[^<]+/).slice('<DigestValue>'.length)
  const info = match(signed, /<SignedInfo>.*<\/SignedInfo>/)
  const hmac = 'http://www.w3.org/2000/09/xmldsig#hmac-sha1'
  const rsa = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
  const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
  const message = match(byIds, /<edXML:MessageHeader[\s\S]*<\/edXML:MessageHeader>/)
  const forged = message.replace('Thu 100', 'Thu 900').replace('Id="message"', 'Id="other"')
  const cases: Record<string, [bytes: Uint8Array, reason: RegExp]> = {
    'comment in DigestValue': [changed(signed, digest, `<!--${digest}-->${digest}`), /hide text/],
    'comment inside the digits': [
      changed(signed, digest, `${digest.slice(0, 9)}<!-- -->${digest.slice(9)}`),
      /hide text/,
    ],
    'instruction in DigestValue': [changed(signed, digest, `<?x?>${digest}`), /hide text/],
    'second SignedInfo': [changed(signed, info, info + info), /not built/],
    'duplicate Id': [changed(byIds, '<ContentId>', '<ContentId Id="attachments">'), /more than once/],
    'duplicate Id of other case': [
      changed(byIds, '<ContentId>', '<ContentId ID="message">'),
      /more than once/,
    ],
    'HMAC with the public key': [changed(signed, rsa, hmac), /hmac-sha1/],
    'XPath transform': [
      changed(signed, enveloped, 'http://www.w3.org/TR/1999/REC-xpath-19991116'),
      /REC-xpath/,
    ],
    'XSLT transform': [changed(signed, enveloped, 'http://www.w3.org/TR/1999/REC-xslt-19991116'), /REC-xslt/],
    'external reference': [changed(signed, 'URI=""', 'URI="http://example.org/x"'), /outside/],
    'file reference': [changed(signed, 'URI=""', 'URI="file:///etc/passwd"'), /outside/],
    'no URI': [changed(signed, ' URI=""', ''), /outside/],
    'no certificate': [agency.signPacket(packet, 'agency', { keyInfo: 'none' }), /not in the signature/],
    'certificate cut short': [
      changed(signed, /<X509Certificate>[^<]+/, '<X509Certificate>MIIFqTCCBJG'),
      /cannot be read/,
    ],
    'namespace stripped': [
      changed(signed, '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"', '<Signature'),
      /namespace/,
    ],
    DOCTYPE: [changed(signed, '?>', '?>\n<!DOCTYPE edXML [<!ENTITY x "100">]>'), /DOCTYPE/],
    'DOCTYPE after a comment': [changed(signed, '?>', '?><!-- > --><?x?>\n<!DOCTYPE edXML>'), /DOCTYPE/],
    'other encoding': [changed(signed, 'encoding="UTF-8"', 'encoding="ISO-8859-1"'), /UTF-8/],
    // The signed header is moved aside and a forged one stands in its place.
    'wrapped element': [
      changed(byIds, message, `${forged}<Wrapper>${message}</Wrapper>`),
      /unknown position/,
    ],
    'signed copy as a second header': [changed(byIds, message, forged + message), /unknown position/],
  }
  for (const [name, [bytes, reason]] of Object.entries(cases)) {
    const { state, findings } = await verifyEnvelope(bytes, context)
    // All that is wrong is told: what was changed after signing fits its value or digest no longer besides.
    t.ok(state === 'unverifiable' || state === 'invalid', name)
    t.match(reasons(findings[0]), reason, name)
    t.ok(
      findings.every(({ trust }) => trust !== 'trusted'),
      `${name}: no trust`,
    )
  }
})

t.test('what was signed moved into the signature, and UTF-16, are no document', async (t) => {
  const message = match(byIds, /<edXML:MessageHeader[\s\S]*<\/edXML:MessageHeader>/)
  const emptied = changed(
    byIds,
    message,
    message.replace('Thu 100', 'Thu 900').replace('"message"', '"other"'),
  )
  const moved = changed(emptied, '</Signature>', `<Object>${message}</Object></Signature>`)
  t.not((await verifyEnvelope(moved, context)).state, 'valid')
  const utf16 = Buffer.from(`\ufeff${Buffer.from(signed).toString().replace('UTF-8', 'UTF-16')}`, 'utf16le')
  t.not((await verifyEnvelope(utf16, context)).state, 'valid')
})

t.test('weak, expired and unknown signers: valid, told, never trusted', async (t) => {
  const subject = [
    [NAME.organization, 'Cơ quan Thử'],
    [NAME.commonName, 'Cơ quan Thử'],
  ] as const
  const weakKey = issue({ subject, profile: 'signature', key: 'rsa-1024' }, ca.issuing)
  const expired = issue(
    { subject, profile: 'signature', notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') },
    ca.issuing,
  )
  const notForSigning = issue({ subject, profile: 'issuing' }, ca.issuing)
  const cases: [name: string, bytes: Uint8Array, failed: string][] = [
    ['SHA-1', signPacket(packet, agency.agency, { hash: 'sha1' }), 'algorithm-strength'],
    ['RSA-1024', signPacket(packet, weakKey), 'algorithm-strength'],
    ['expired', signPacket(packet, expired), 'validity-period'],
    ['a CA key', signPacket(packet, notForSigning), 'key-usage'],
    [
      'another root',
      signPacket(packet, signingAgency({ ca: fakeCa(), name: 'Lạ', code: 'X' }).agency),
      'chain',
    ],
  ]
  for (const [name, bytes, failed] of cases) {
    const { state, findings } = await verifyEnvelope(bytes, context)
    t.equal(state, 'valid', name)
    t.equal(findings[0]?.trust, 'untrusted', name)
    t.ok(
      findings[0]?.checks.some(({ check, outcome }) => check === failed && outcome === 'failed'),
      `${name}: ${failed}`,
    )
  }
  const inTime = await verifyEnvelope(signPacket(packet, expired), {
    ...context,
    time: new Date('2020-06-01'),
  })
  t.equal(
    outcomes(inTime.findings[0])['validity-period'],
    'failed',
    'the issuing CA is younger than that time',
  )
})

t.test('P-256 signs as well; what is too large is left undone and said so', async (t) => {
  const key = issue(
    { subject: [[NAME.organization, 'Cơ quan Thử']], profile: 'signature', key: 'p256' },
    ca.issuing,
  )
  t.match(await verifyEnvelope(signPacket(packet, key), context), {
    state: 'valid',
    findings: [{ trust: 'trusted' }],
  })
  const huge = Buffer.concat([signed, Buffer.alloc(MAX_XML_BYTES, ' ')])
  t.match(reasons((await verifyEnvelope(huge, context)).findings[0]), /too large/)
})

t.test('a packet built to keep the verifier busy is given up early', async (t) => {
  const references = (count: number) => ({ ids: Array.from({ length: count }, () => 'message') })
  const cases: [elements: number, references: number, reason: RegExp][] = [
    [30_000, 100, /too much work/],
    [1, 1001, /not built as the standard prescribes: Reference/],
    [300_001, 1, /too much work/],
  ]
  for (const [elements, count, reason] of cases) {
    const crowd = Buffer.from(packetText('<edXML:X a="1"/>'.repeat(elements)))
    const busy = agency.signPacket(crowd, 'agency', references(count))
    const { result, cpu } = await workTime(() => verifyEnvelope(busy, context))
    const { findings } = result
    t.equal(findings[0]?.state, 'unverifiable')
    t.match(reasons(findings[0]), reason)
    t.ok(cpu < 5_000, `the event loop is not held up: ${Math.round(cpu)} ms`)
  }
})

t.test('no change of one byte outside whitespace and spelling goes unnoticed', async () => {
  const start = Buffer.from(signed).indexOf('<edXML ')
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: start, max: signed.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const mutant = Buffer.from(signed)
        mutant[at] = mutant[at]! ^ by
        const { state, findings } = await verifyEnvelope(mutant, context)
        // A change inside a tag's own whitespace, or from one quote to another, leaves the canonical form as it was.
        if (state === 'valid') return canonicalText(mutant) === canonicalText(signed) && findings.length === 1
        return true
      },
    ),
    { numRuns: 1500, seed: 20260301 },
  )
})

/** What is signed, as a reader sees it: whitespace and quotes, the Signature's own tag and KeyInfo set aside. */
const canonicalText = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString()
    .replace(/<Signature [^>]*>|<KeyInfo>[\s\S]*<\/KeyInfo>/g, '')
    .replace(/[\s"']/g, '')

t.test('every tree is freed', async (t) => {
  t.strictSame(diag.report(), {})
})

t.test(
  'revocation that nobody could be asked about is told; where somebody was asked, it is missed',
  async (t) => {
    const nothing = { crls: async () => [], ocsps: async () => [] }
    for (const [asks, trust] of [
      [false, 'trusted'],
      [true, 'untrusted'],
    ] as const) {
      const revocation = boundedSource(
        { ...nothing, mayAsk: () => asks },
        { deadlineMs: 1_000, most: 9, each: { deadlineMs: 1_000, most: 9 } },
      )
      const { findings } = await verifyEnvelope(signed, { ...context, revocation })
      t.equal(findings[0]?.trust, trust, asks ? 'somebody was asked' : 'nobody was asked')
    }
  },
)
