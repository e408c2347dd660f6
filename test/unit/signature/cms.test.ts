import { constants, sign } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { type CheckedSignature, SignatureStop } from '../../../src/signature/checks.ts'
import {
  context,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../../src/signature/der-writer.ts'
import { type CmsOptions, checkCms, openCms } from '../../../src/signature/formats/cms.ts'
import { unarmoured } from '../../../src/signature/formats/cms-armour.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import {
  algorithm,
  attribute,
  type CmsShape,
  type CmsSigner,
  digestOf,
  indefinite,
  makeCms,
  makeSignerInfo,
  OID,
  pssAlgorithm,
} from '../../fakes/make-cms.ts'

const ca = fakeCa()
const keyOf = (key: 'rsa' | 'p256' | 'ed25519' | 'rsa-1024', name = 'Nguyễn Văn Thử') =>
  issue({ subject: [['2.5.4.3', name]], profile: 'signature', key }, ca.issuing)
const rsa = keyOf('rsa')
const ec = keyOf('p256')
const ed = keyOf('ed25519')
const weak = keyOf('rsa-1024')
const content = Buffer.from('Quyết định về việc thử nghiệm chữ ký số')

const chunks = (bytes: Uint8Array) =>
  async function* () {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
  }

async function check(
  cms: Uint8Array,
  detached?: Uint8Array,
  options?: CmsOptions,
): Promise<CheckedSignature[]> {
  return checkCms('cms', openCms(cms), detached && chunks(detached), options)
}

const facts = ({ state, valueIntact, references }: CheckedSignature) => ({
  state,
  valueIntact,
  intact: references.map(({ intact }) => intact),
})
const INTACT = { state: 'valid', valueIntact: true, intact: [true] }
const reasons = ({ checks }: CheckedSignature): unknown[] =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ code }) => code)

const SOUND: Readonly<Record<string, Omit<CmsSigner, 'by'> & { by?: CmsSigner['by']; shape?: CmsShape }>> = {
  'RSA, rsaEncryption': {},
  'RSA, sha256WithRSAEncryption': { algorithm: algorithm(OID.sha256WithRsa) },
  'RSA, SHA-384': { hash: 'sha384' },
  'RSA, SHA3-256': { hash: 'sha3-256', algorithm: algorithm(OID.sha3WithRsa) },
  'RSASSA-PSS': { pss: { saltLength: 32 } },
  'RSASSA-PSS with another salt': { pss: { saltLength: 20 } },
  ECDSA: { by: ec },
  'ECDSA, id-ecPublicKey': { by: ec, hash: 'sha512', algorithm: sequence(oid(OID.ecPublicKey)) },
  'ECDSA, the mere hash as signatureAlgorithm': { by: ec, algorithm: algorithm(OID.sha256) },
  'ECDSA with r and s side by side': { by: ec, plain: true },
  'Ed25519 (RFC 8419)': { by: ed, hash: 'sha512' },
  'without attributes': { withoutAttributes: true },
  'Ed25519 without attributes': { by: ed, withoutAttributes: true },
  'by subject key identifier': { byKeyId: true },
  'attributes in another order than DER, signed as DER': { written: (all) => [...all].reverse() },
  'attributes in another order than DER, signed so': {
    written: (all) => [...all].reverse(),
    signsAsWritten: true,
  },
  'BER with indefinite lengths': { shape: { ber: true } },
}

for (const [name, { shape, by, ...signer }] of Object.entries(SOUND)) {
  t.test(`sound: ${name}`, async (t) => {
    const one = { by: by ?? rsa, ...signer }
    t.match((await check(makeCms(content, [one], shape))).map(facts), [INTACT])
    const detached = makeCms(content, [one], { ...shape, detached: true })
    t.match((await check(detached, content)).map(facts), [INTACT], 'detached, as a stream')
    const other = Buffer.from(content)
    other[3]! ^= 1
    t.not((await check(detached, other))[0]?.state, 'valid', 'over other content')
    t.equal((await check(detached, other))[0]?.references[0]?.intact, false)
    t.equal((await check(makeCms(content, [{ ...one, broken: true }], shape)))[0]?.valueIntact, false)
    const shown = await check(makeCms(content, [one], { ...shape, shown: other }))
    t.equal(shown[0]?.references[0]?.intact, false, 'other content inside')
  })
}

t.test('facts of a sound signature', async (t) => {
  const [one, ...others] = await check(makeCms(content, [{ by: rsa }]))
  t.equal(others.length, 0)
  t.match(one, {
    id: '0',
    coverage: 'whole',
    modifiedAfterSigning: false,
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'rsa-sha256',
    strong: true,
    signer: { sha256: rsa.certificateChain[0]!.sha256 },
  })
  t.equal(one?.value?.length, 256)
  t.equal(one?.embedded.length, 2)
})

t.test('a mask of another hash than the message', async (t) => {
  // The key does what node:crypto cannot ask of it: EMSA-PSS with SHA-256 and MGF1 over SHA-512 by hand.
  const { pssValue } = await import('../../fakes/pss-value.ts')
  const made = makeCms(content, [{ by: rsa, algorithm: pssAlgorithm('sha256', 'sha512', 32) }])
  const data = openCms(made)
  const signed = setOf(...data.signers[0]!.signedAttributes!.all.map(({ node }) => node.raw))
  const value = pssValue(rsa.key, signed, 'sha256', 'sha512', 32)
  const at = made.indexOf(data.signers[0]!.signature)
  const patched = Buffer.from(made)
  value.copy(patched, at)
  t.match((await check(patched)).map(facts), [INTACT])
  value[9]! ^= 1
  value.copy(patched, at)
  t.equal((await check(patched))[0]?.valueIntact, false)
})

const unlessStopped = (error: unknown): CheckedSignature[] => {
  if (error instanceof SignatureStop) return []
  throw error
}

/** What is not under the signature, and yet says how it is to be read: with another tag it says nothing. */
const OTHER_TAGS: Readonly<Record<string, readonly [from: RegExp, to: string]>> = {
  'the parameters of RSASSA-PSS are no SEQUENCE': [/3034(?=a00f300d0609)/g, '3134'],
  'their hash is no AlgorithmIdentifier': [/a00f30(?=0d0609)/g, 'a00f70'],
  'their mask is no AlgorithmIdentifier': [/a11c30(?=1a0609)/g, 'a11c70'],
  'the hash of their mask is no AlgorithmIdentifier': [/010830(?=0d0609)/g, '010870'],
  'the parameters of their hash are not NULL': [/0500(?=a11c301a)/g, '0400'],
  'they say a hash twice': [/a1(?=1c301a0609)/g, 'a0'],
  'they come in another order': [/0500a2(?=0302012004)/g, '0500a0'],
  'a NULL is an end of contents': [/0500(?=a08184)/g, '0000'],
  'a NULL is constructed': [/0500(?=a08184)/g, '2500'],
  'the parameters of the hash are not NULL': [/0500(?=a08184)/g, '0400'],
  'the version of the SignerInfo is no INTEGER': [/02(?=010130[0-9a-f]{2}305f310b)/g, '04'],
  'it is a constructed one': [/02(?=010130[0-9a-f]{2}305f310b)/g, '22'],
  'its mask has more than one hash': [
    /a11c301a(0609[0-9a-f]{18})300d(0609[0-9a-f]{18})0500/g,
    'a11c301a$1300b$20500',
  ],
}
t.test('what says how a signature is to be read is what it should be, or nothing is intact', async (t) => {
  const made = makeCms(content, [{ by: rsa, pss: { saltLength: 32 } }]).toString('hex')
  for (const [name, [from, to]] of Object.entries(OTHER_TAGS)) {
    t.equal(made.match(from)?.length, 1, `${from} stands there once`)
    const found = await check(Buffer.from(made.replace(from, to), 'hex')).catch(unlessStopped)
    t.notOk(
      found.some(({ state }) => state === 'valid'),
      name,
    )
  }
})

t.test('a hash with parameters is refused, and the signer beside it is not', async (t) => {
  const shake256Of512 = sequence(oid('2.16.840.1.101.3.4.2.18'), integer(512))
  const sha256Of512 = sequence(oid(OID.sha256), integer(512))
  for (const digestAlgorithm of [shake256Of512, sha256Of512]) {
    const found = await check(makeCms(content, [{ by: rsa }, { by: ec, digestAlgorithm }]))
    t.match(
      found.map((one) => [one.state, reasons(one)]),
      [
        ['valid', []],
        ['unverifiable', ['algorithm-refused']],
      ],
    )
  }
})

t.test('several signers and countersignatures', async (t) => {
  const counter = (broken: boolean) => (value: Buffer) => [
    attribute(OID.counterSignature, makeSignerInfo(value, undefined, { by: ec, broken })),
  ]
  const made = makeCms(content, [
    { by: rsa, unsigned: counter(false) },
    { by: ec, unsigned: counter(true) },
  ])
  const found = await check(made)
  t.match(
    found.map(({ id, valueIntact, counterSignature }) => [id, valueIntact, counterSignature === true]),
    [
      ['0', true, false],
      ['0/0', true, true],
      ['1', true, false],
      ['1/0', false, true],
    ],
  )
  const elsewhere = makeCms(content, [
    { by: rsa, unsigned: () => counter(false)(Buffer.from('chữ ký của người khác')) },
    { by: ec },
  ])
  t.equal((await check(elsewhere))[1]?.references[0]?.intact, false, 'over another value')
})

t.test('what is not sound says why', async (t) => {
  const cases: readonly (readonly [string, Uint8Array, string, string])[] = [
    [
      'certificate-left-out',
      makeCms(content, [{ by: rsa }], { withoutCertificates: true }),
      'unverifiable',
      'certificate-missing',
    ],
    [
      'detached-content-not-given',
      makeCms(content, [{ by: rsa }], { detached: true }),
      'unverifiable',
      'content-detached',
    ],
    [
      'message-digest-left-out',
      makeCms(content, [{ by: rsa, attributes: ([type]) => [type!] }]),
      'unverifiable',
      'attribute-missing',
    ],
    [
      'message-digest-twice',
      makeCms(content, [
        {
          by: rsa,
          attributes: (all) => [
            ...all,
            attribute(OID.messageDigest, octetString(digestOf('sha256', Buffer.from('khác')))),
          ],
        },
      ]),
      'unverifiable',
      'attribute-missing',
    ],
    [
      'content-type-left-out',
      makeCms(content, [{ by: rsa, attributes: ([, ...rest]) => rest }]),
      'unverifiable',
      'attribute-missing',
    ],
    [
      'content-type-of-another',
      makeCms(content, [
        { by: rsa, attributes: ([, ...rest]) => [attribute(OID.contentType, oid('1.2.3')), ...rest] },
      ]),
      'invalid',
      'content-type-mismatch',
    ],
    [
      'signing-certificate-of-another',
      makeCms(content, [
        {
          by: rsa,
          attributes: ([a, b]) => [
            a!,
            b!,
            attribute(
              OID.signingCertificateV2,
              sequence(sequence(sequence(octetString(digestOf('sha256', ec.certificateChain[0]!.der))))),
            ),
          ],
        },
      ]),
      'unverifiable',
      'certificate-mismatch',
    ],
    [
      'digest-algorithm-unknown',
      makeCms(content, [{ by: rsa, digestAlgorithm: algorithm('1.2.840.113549.2.4') }]),
      'unverifiable',
      'algorithm-refused',
    ],
    [
      'key-of-another-kind',
      makeCms(content, [{ by: rsa, algorithm: sequence(oid(OID.ecdsaSha256)) }]),
      'unverifiable',
      'key-mismatch',
    ],
    [
      'hashes-disagree',
      makeCms(content, [{ by: rsa, algorithm: algorithm(OID.sha512WithRsa) }]),
      'unverifiable',
      'algorithm-refused',
    ],
    [
      'without-attributes-of-other-type',
      makeCms(content, [{ by: rsa, withoutAttributes: true }], { contentType: '1.2.3' }),
      'unverifiable',
      'attribute-missing',
    ],
    ['no-signer', makeCms(content, []), 'unverifiable', 'signature-malformed'],
    [
      'too-many-signers',
      makeCms(
        content,
        Array.from({ length: 17 }, () => ({ by: ed, hash: 'sha512' as const })),
      ),
      'unverifiable',
      'too-many-signatures',
    ],
  ]
  for (const [name, cms, state, reason] of cases) {
    const [one] = await check(cms)
    t.equal(one?.state, state, name)
    t.ok(reasons(one!).includes(reason), `${name}: ${reasons(one!)}`)
  }
  const [unknown] = await check(
    makeCms(content, [{ by: rsa, digestAlgorithm: algorithm('1.2.840.113549.2.4') }]),
  )
  t.equal(unknown?.digestAlgorithm, '1.2.840.113549.2.4', 'a hash that is not known is told by its number')
  const [lost] = await check(makeCms(content, [{ by: rsa }], { withoutCertificates: true }))
  t.same(lost?.references, [{ uri: 'content', intact: true }], 'the content is checked without a key')
  const [away] = await check(makeCms(content, [{ by: rsa }], { detached: true }))
  t.equal(away?.valueIntact, true, 'the value is checked without the content')
})

t.test('weak algorithms are verified and said to be weak', async (t) => {
  for (const signer of [{ by: weak }, { by: rsa, hash: 'sha1' as const }]) {
    const [one] = await check(makeCms(content, [signer]))
    t.match(one && facts(one), INTACT)
    t.equal(one?.strong, false)
  }
})

t.test('algorithms that were signed along', async (t) => {
  const protecting = (digest: string, signature: string) => (honest: readonly Buffer[]) => [
    ...honest,
    attribute('1.2.840.113549.1.9.52', sequence(algorithm(digest), context(1, oid(signature), nullValue()))),
  ]
  const made = (digest: string, signature: string) =>
    check(makeCms(content, [{ by: rsa, attributes: protecting(digest, signature) }]))
  t.match((await made(OID.sha256, OID.rsaEncryption)).map(facts), [INTACT])
  for (const [digest, signature] of [
    [OID.sha512, OID.rsaEncryption],
    [OID.sha256, OID.sha256WithRsa],
  ] as const) {
    const [one] = await made(digest, signature)
    t.equal(one?.state, 'invalid')
    t.ok(reasons(one!).includes('algorithm-substituted'))
  }
})

t.test('attributes shown as content are not content', async (t) => {
  // A value of RSASSA-PKCS1-v1_5 is always the same: this is the honest one, over what it was made over.
  const honest = makeCms(content, [{ by: rsa }])
  const { signers } = openCms(honest)
  const bytes = setOf(...signers[0]!.signedAttributes!.all.map(({ node }) => node.raw))
  const forged = makeCms(bytes, [{ by: rsa, withoutAttributes: true }])
  t.ok(forged.includes(signers[0]!.signature))
  const detached = makeCms(bytes, [{ by: rsa, withoutAttributes: true }], { detached: true })
  for (const [one] of [await check(forged), await check(detached, bytes)]) {
    t.equal(one?.state, 'unverifiable')
    t.equal(one?.references[0]?.intact, null)
  }
})

t.test('a key from outside is the one that counts', async (t) => {
  const bare = makeCms(content, [{ by: rsa }], { withoutCertificates: true })
  const certificate = rsa.certificateChain[0]!
  t.match((await check(bare, undefined, { key: certificate })).map(facts), [INTACT])
  t.match((await check(bare, undefined, { key: certificate.publicKey })).map(facts), [INTACT])
  t.match((await check(bare, undefined, { certificates: [certificate] })).map(facts), [INTACT])
  const other = keyOf('rsa').certificateChain[0]!
  t.equal((await check(makeCms(content, [{ by: rsa }]), undefined, { key: other }))[0]?.valueIntact, false)
})

function stopOf(bytes: Uint8Array): string | undefined {
  try {
    openCms(bytes)
  } catch (error) {
    if (error instanceof SignatureStop) return error.state
    throw error
  }
  return undefined
}

t.test('bytes that are no CMS, or not wholly', async (t) => {
  const made = makeCms(content, [{ by: rsa }])
  const vectors: Readonly<Record<string, Uint8Array>> = {
    empty: Buffer.alloc(0),
    'cut-off': made.subarray(0, made.length - 1),
    'not-signed-data': sequence(oid(OID.data), context(0, octetString(content))),
    'length-beyond-the-end': Buffer.from('3084ffffffff0609', 'hex'),
    'length-of-many-octets': Buffer.from(`30ff${'01'.repeat(200)}`, 'hex'),
    'indefinite-and-primitive': Buffer.from('0480010000', 'hex'),
    'indefinite-without-end': Buffer.from('3080300030003000', 'hex'),
    'deeply-nested': Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from('3080', 'hex'))),
    'content-of-another-kind': sequence(oid(OID.signedData), context(0, integer(1), nullValue())),
    'attributes-by-the-thousand': makeCms(content, [
      { by: ec, unsigned: () => Array.from({ length: 1001 }, () => attribute('1.2.3', integer(1))) },
    ]),
    'content-info-with-two': sequence(
      oid(OID.signedData),
      context(0, sequence(integer(1)), sequence(integer(1))),
    ),
  }
  for (const [name, bytes] of Object.entries(vectors)) {
    t.equal(stopOf(bytes), 'unverifiable', name)
  }
  t.equal(openCms(Buffer.concat([made, Buffer.from('thêm')])).length, made.length, 'length of the CMS itself')
  const odd = indefinite(0x30, oid(OID.signedData), indefinite(0xa0, sequence(integer(1), setOf())))
  t.equal(stopOf(odd), 'unverifiable')
})

t.test('the textual form', async (t) => {
  const made = makeCms(content, [{ by: rsa }])
  const armour = (label: string) =>
    Buffer.from(`-----BEGIN ${label}-----\n${made.toString('base64')}\n-----END ${label}-----\n`)
  for (const label of ['CMS', 'PKCS7']) t.same(unarmoured(armour(label)), made, label)
  t.equal(unarmoured(Buffer.concat([armour('CMS'), Buffer.from('thêm')])), undefined)
  t.same(unarmoured(made), made)
})

t.test('an RSA value of another length or shape is false, not an error', async (t) => {
  const value = sign('sha256', content, { key: rsa.key, padding: constants.RSA_PKCS1_PADDING })
  for (const spoiled of [value.subarray(1), Buffer.alloc(256, 0xff), Buffer.alloc(0)]) {
    const made = makeCms(content, [{ by: rsa, withoutAttributes: true }])
    const at = made.indexOf(value)
    t.ok(at > 0)
    const bytes = Buffer.from(made)
    bytes.fill(0, at, at + 256)
    spoiled.copy(bytes, at)
    t.equal((await check(bytes))[0]?.valueIntact, false)
  }
})
