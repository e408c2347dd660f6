import { createHash } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import type { CheckedSignature } from '../../../src/signature/checks.ts'
import { context, octetString, oid, sequence, tlv } from '../../../src/signature/der-writer.ts'
import { readBer } from '../../../src/signature/formats/ber.ts'
import { checkCms, openCms } from '../../../src/signature/formats/cms.ts'
import { readSigner } from '../../../src/signature/formats/cms-structure.ts'
import { checkCmsFile } from '../../../src/signature/formats/file-cms.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { tokenOver } from '../../fakes/fake-tsa.ts'
import {
  attribute,
  type CmsShape,
  type CmsSigner,
  makeCms,
  makeSignerInfo,
  OID,
} from '../../fakes/make-cms.ts'

const ca = fakeCa()
const by = issue({ subject: [['2.5.4.3', 'Nguyễn Văn Thử']], profile: 'signature', key: 'p256' }, ca.issuing)
const other = issue(
  { subject: [['2.5.4.3', 'Trần Thị Khác']], profile: 'signature', key: 'p256' },
  ca.issuing,
)
const tsa = issue({ subject: [['2.5.4.3', 'TSA thử nghiệm']], profile: 'timestamp', key: 'p256' }, ca.issuing)
const content = Buffer.from('Tờ trình về việc thử nghiệm')
const chunks = (bytes: Uint8Array) =>
  async function* () {
    yield bytes.subarray(0, 5)
    yield bytes.subarray(5)
  }
const check = async (cms: Uint8Array, detached?: Uint8Array): Promise<CheckedSignature[]> =>
  checkCms('cms', openCms(cms), detached && chunks(detached))
const stamps = ([one]: readonly CheckedSignature[]) =>
  one?.timestamps.map(({ kind, intact, imprintMatch }) => [kind, intact, imprintMatch])

const A = {
  content: '1.2.840.113549.1.9.16.2.20',
  esc: '1.2.840.113549.1.9.16.2.25',
  certCrl: '1.2.840.113549.1.9.16.2.26',
  certificateRefs: '1.2.840.113549.1.9.16.2.21',
  revocationRefs: '1.2.840.113549.1.9.16.2.22',
  certificateValues: '1.2.840.113549.1.9.16.2.23',
  revocationValues: '1.2.840.113549.1.9.16.2.24',
  archiveV2: '1.2.840.113549.1.9.16.2.48',
  archiveV3: '0.4.0.1733.2.4',
  hashIndexV3: '0.4.0.19122.1.5',
  evidenceRecord: '1.2.840.113549.1.9.16.2.49',
}

t.test('timestamps over content, signature and references', async (t) => {
  const refs = [attribute(A.certificateRefs, sequence()), attribute(A.revocationRefs, sequence())]
  const inner = (one: Buffer) => Buffer.from(readBer(one).content)
  const make = (content_: Uint8Array, spoil = '') =>
    makeCms(content, [
      {
        by,
        attributes: (honest) => [...honest, attribute(A.content, tokenOver(content_, tsa))],
        unsigned: (value) => {
          const over = spoil === '' ? value : Buffer.from(spoil)
          const stamp = attribute(OID.signatureTimestamp, tokenOver(over, tsa))
          return [
            stamp,
            ...refs,
            attribute(A.esc, tokenOver(Buffer.concat([value, inner(stamp), ...refs.map(inner)]), tsa)),
            attribute(A.certCrl, tokenOver(Buffer.concat(refs.map(inner)), tsa)),
          ]
        },
      },
    ])
  const all = (match: boolean) => [
    ['content', true, match],
    ['signature', true, match],
    ['references', true, true],
    ['validation-data', true, true],
  ]
  t.same(stamps(await check(make(content))), all(true))
  t.same(stamps(await check(make(Buffer.from('nội dung khác'), 'giá trị khác'))), all(false))
})

t.test('a content timestamp over content that is read as a stream', async (t) => {
  const signer: CmsSigner = {
    by,
    attributes: (honest) => [...honest, attribute(A.content, tokenOver(content, tsa))],
    hash: 'sha384',
    algorithm: sequence(oid('1.2.840.10045.4.3.3')),
  }
  const cms = makeCms(content, [signer], { detached: true })
  t.same(stamps(await check(cms, content)), [['content', true, true]])
  t.same(stamps(await check(cms)), [['content', true, null]], 'not at hand')
  t.same(stamps(await check(cms, Buffer.from('khác hẳn'))), [['content', true, false]])
})

const hash = (...parts: readonly Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** A token with unsigned attributes in its SignerInfo. */
function withUnsigned(token: Buffer, ...attributes: readonly Buffer[]): Buffer {
  const data = openCms(token)
  const fields = data.fields.map(({ raw }) => raw)
  const signer = data.signers[0]!.fields.map(({ raw }) => raw)
  const signers = tlv(0x31, sequence(...signer, context(1, ...attributes)))
  return sequence(oid(OID.signedData), context(0, sequence(...fields.slice(0, -1), signers)))
}

/** A signature with an archive timestamp of the third version over all that it holds (EN 319 122-1 §5.5.3). */
function archived(
  shape: CmsShape,
  before: (value: Buffer) => readonly Buffer[],
  after: readonly Buffer[] = [],
) {
  const plain = makeSignerInfo(content, OID.data, { by, unsigned: before })
  const signer = readSigner(readBer(plain))
  const own = signer.fields.filter((field) => field !== signer.unsignedAttributes.node).map(({ raw }) => raw)
  const attributes = signer.unsignedAttributes.all
  const index = sequence(
    sequence(...by.certificateChain.map(({ der }) => octetString(hash(der)))),
    sequence(...(shape.revocations ?? []).map((one) => octetString(hash(one)))),
    sequence(
      ...attributes.flatMap(({ type, values }) => values.map(({ raw }) => octetString(hash(oid(type), raw)))),
    ),
  )
  const over = Buffer.concat([oid(OID.data), hash(content), ...own, index])
  const token = withUnsigned(tokenOver(over, tsa), attribute(A.hashIndexV3, index))
  const unsigned = [
    ...attributes.map(({ node }) => Buffer.from(node.raw)),
    attribute(A.archiveV3, token),
    ...after,
  ]
  const fields = openCms(makeCms(content, [{ by }], shape)).fields.map(({ raw }) => raw)
  const info = tlv(0x31, sequence(...own, context(1, ...unsigned)))
  return sequence(oid(OID.signedData), context(0, sequence(...fields.slice(0, -1), info)))
}

t.test('an archive timestamp of the third version', async (t) => {
  const crl = sequence(octetString(Buffer.from('danh sách thu hồi')))
  const stamp = (value: Buffer) => [attribute(OID.signatureTimestamp, tokenOver(value, tsa))]
  const sound = [
    ['signature', true, true],
    ['archive', true, true],
  ]
  const broken = [
    ['signature', true, true],
    ['archive', true, false],
  ]
  t.same(stamps(await check(archived({ revocations: [crl] }, stamp))), sound)
  t.same(
    stamps(await check(archived({ revocations: [crl], detached: true }, stamp), content)),
    sound,
    'streamed',
  )
  const later = [attribute(A.certificateValues, sequence())]
  t.same(
    stamps(await check(archived({ revocations: [crl] }, stamp, later))),
    sound,
    'what is added later is not in it',
  )
  const whole = archived({ revocations: [crl] }, stamp)
  const crls = context(1, crl)
  const at = whole.indexOf(crls)
  t.ok(at > 0)
  const changed = Buffer.from(whole)
  changed[at + crls.length - 1]! ^= 1
  t.same(stamps(await check(changed)), broken, 'a CRL that was stamped is another')
})

t.test('an archive timestamp of the second version, over a stream too', async (t) => {
  for (const detached of [false, true]) {
    const plain = openCms(makeCms(content, [{ by }], { detached }))
    const [version, digests, encapsulated, certificates] = plain.fields.map(({ raw }) => raw)
    const own = plain.signers[0]!.fields.map(({ raw }) => raw)
    const stamp = attribute(OID.signatureTimestamp, tokenOver(plain.signers[0]!.signature, tsa))
    const outside = detached ? [content] : []
    const over = Buffer.concat([encapsulated!, ...outside, certificates!, ...own, context(1, stamp)])
    const unsigned = context(1, stamp, attribute(A.archiveV2, tokenOver(over, tsa)))
    const signedData = sequence(
      version!,
      digests!,
      encapsulated!,
      certificates!,
      tlv(0x31, sequence(...own, unsigned)),
    )
    const cms = sequence(oid(OID.signedData), context(0, signedData))
    t.same(stamps(await check(cms, detached ? content : undefined)), [
      ['signature', true, true],
      ['archive', true, true],
    ])
  }
})

t.test('evidence is gathered from wherever it stands', async (t) => {
  const crl = sequence(octetString(Buffer.from('CRL')))
  const innerCrl = sequence(octetString(Buffer.from('CRL trong revocation-values')))
  const basic = sequence(octetString(Buffer.from('OCSP')))
  const response = sequence(tlv(0x0a, Uint8Array.of(0)))
  const adobe = sequence(octetString(Buffer.from('CRL của PDF')))
  const cms = makeCms(
    content,
    [
      {
        by,
        attributes: (honest) => [
          ...honest,
          attribute('1.2.840.113583.1.1.8', sequence(context(0, sequence(adobe)))),
        ],
        unsigned: () => [
          attribute(A.certificateValues, sequence(other.certificateChain[0]!.der)),
          attribute(
            A.revocationValues,
            sequence(context(0, sequence(innerCrl)), context(1, sequence(basic))),
          ),
        ],
      },
    ],
    { revocations: [crl, context(1, oid('1.3.6.1.5.5.7.16.2'), response)] },
  )
  const [one] = await check(cms)
  t.equal(one?.state, 'valid')
  const has = (list: readonly Uint8Array[] | undefined, item: Uint8Array) =>
    list?.some((der) => Buffer.compare(der, item) === 0)
  for (const item of [crl, innerCrl, adobe]) t.ok(has(one?.material.crls, item))
  t.ok(has(one?.material.ocsps, response))
  t.ok(
    one?.material.ocsps.some((der) => Buffer.from(der).includes(basic)),
    'a BasicOCSPResponse in a response',
  )
  t.ok(one?.embedded.some(({ sha256 }) => sha256 === other.certificateChain[0]!.sha256))
})

t.test('long-term-validation holds evidence and a token', async (t) => {
  const crl = sequence(octetString(Buffer.from('CRL')))
  const token = tokenOver(content, tsa)
  const time = tlv(0x18, Buffer.from('20260101000000Z'))
  const certificates = context(0, other.certificateChain[0]!.der)
  const value = sequence(time, context(0, token), certificates, context(1, crl))
  const [one] = await check(makeCms(content, [{ by, unsigned: () => [attribute('0.4.0.1733.2.2', value)] }]))
  t.same(stamps(one === undefined ? [] : [one]), [['archive', true, null]])
  t.ok(one?.embedded.some(({ sha256 }) => sha256 === other.certificateChain[0]!.sha256))
  t.ok(one?.material.crls.some((der) => Buffer.compare(der, crl) === 0))
  const bare = sequence(time, octetString(Buffer.alloc(3)))
  const [none] = await check(makeCms(content, [{ by, unsigned: () => [attribute('0.4.0.1733.2.2', bare)] }]))
  t.same([none?.state, none?.timestamps.length], ['valid', 0])
})

t.test('what is not checked is said', async (t) => {
  const [one] = await check(
    makeCms(content, [{ by, unsigned: () => [attribute(A.evidenceRecord, sequence())] }]),
  )
  t.ok(one?.checks.some(({ check: name, outcome }) => name === 'timestamp' && outcome === 'not-made'))
  const many = attribute(OID.signatureTimestamp, ...Array.from({ length: 40 }, () => sequence()))
  const [flooded] = await check(makeCms(content, [{ by, unsigned: () => [many] }]))
  t.equal(flooded?.timestamps.length, 32)
  t.ok(flooded?.checks.some(({ check: name, outcome }) => name === 'timestamp' && outcome === 'not-made'))
  t.equal(flooded?.state, 'valid', 'an unreadable timestamp is no proof, and no harm')
})

t.test('a CMS file', async (t) => {
  const cms = makeCms(content, [{ by }], { detached: true })
  const given = (...files: readonly (readonly [string, string])[]) => ({
    detached: new Map(files.map(([name, text]) => [name, bytesSource(Buffer.from(text))])),
  })
  const text = content.toString()
  const file = (bytes: Uint8Array) => bytesSource(bytes)
  const [one] = await checkCmsFile(file(cms), given(['tờ-trình', text]))
  t.match(one, { state: 'valid', coverage: 'whole' })
  const [among] = await checkCmsFile(file(cms), given(['phụ-lục', 'khác'], ['tờ-trình', text]))
  t.match(among, { state: 'valid', references: [{ uri: 'tờ-trình', intact: true }] })
  const [none] = await checkCmsFile(file(cms), given(['phụ-lục', 'khác'], ['tờ-trình', 'cũng khác']))
  t.equal(none?.state, 'invalid')
  const padded = Buffer.concat([cms, Buffer.alloc(64)])
  t.match(await checkCmsFile(file(padded), given(['', text])), [{ state: 'valid' }])
  const followed = Buffer.concat([cms, Buffer.from('thêm')])
  t.match(await checkCmsFile(file(followed), given(['', text])), [{ state: 'unverifiable' }])
})

t.test('nested signatures cost no more than a file may', async (t) => {
  const nest = (depth: number) => (value: Buffer) => [
    attribute(
      OID.counterSignature,
      ...Array.from({ length: 9 }, () =>
        makeSignerInfo(value, undefined, { by, ...(depth > 0 && { unsigned: nest(depth - 1) }) }),
      ),
    ),
  ]
  const found = await check(makeCms(content, [{ by, unsigned: nest(2) }]))
  t.ok(found.length < 150, `${found.length} entries`)
  t.ok(found.slice(1).every(({ counterSignature }) => counterSignature === true))
  t.ok(found.some(({ checks }) => checks.some(({ code }) => code === 'too-many-signatures')))
  t.equal(found[0]?.state, 'valid')
})
