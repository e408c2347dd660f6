import { createHash } from 'node:crypto'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { tsverify } from '../../../src/cli/tsverify-report.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import {
  context,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
  tlv,
} from '../../../src/signature/der-writer.ts'
import { checkToken, openToken, tokenImprint } from '../../../src/signature/timestamp/token.ts'
import { readTstInfo } from '../../../src/signature/timestamp/tst-info.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { tokenOver } from '../../fakes/fake-tsa.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'
import { algorithm, attribute, type CmsSigner, digestOf, makeCms, OID } from '../../fakes/make-cms.ts'

const ca = fakeCa()
const tsa = issue({ subject: [['2.5.4.3', 'TSA thử nghiệm']], profile: 'timestamp' }, ca.issuing)
const stranger = issue({ subject: [['2.5.4.3', 'Người lạ']], profile: 'signature' }, ca.issuing)
const data = Buffer.from('giá trị chữ ký')
const imprintOf = (hash: string) => digestOf(hash, data)
const TST_INFO = '1.2.840.113549.1.9.16.1.4'

const generalizedTime = (text: string) => tlv(0x18, Buffer.from(text))
const info = ({
  time = '20260101000000Z',
  version = 1,
  accuracy = [] as readonly Buffer[],
  hashOid = OID.sha256 as string,
  imprint = digestOf('sha256', data),
} = {}): Buffer =>
  sequence(
    integer(version),
    oid('1.2.3.4'),
    sequence(algorithm(hashOid), octetString(imprint)),
    integer(Buffer.from('00ff00000000000000000001', 'hex')),
    generalizedTime(time),
    ...accuracy,
  )
const tokenOf = (tst: Buffer, signer: Partial<CmsSigner> = {}) =>
  makeCms(tst, [{ by: tsa, ...signer }], { contentType: TST_INFO })

t.test('an honest token', (t) => {
  const genTime = new Date('2026-01-02T03:04:05.678Z')
  const token = tokenOver(data, tsa, { genTime, accuracy: 2 })
  t.match(checkToken(token, 'signature', imprintOf), {
    kind: 'signature',
    genTime,
    accuracy: 2000,
    imprintMatch: true,
    intact: true,
    strong: true,
    tsa: { sha256: tsa.certificateChain[0]!.sha256 },
    imprintAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    signatureAlgorithm: 'rsa-sha256',
    der: token,
  })
  t.equal(checkToken(token, 'signature', () => null).imprintMatch, null)
  t.equal(checkToken(token, 'signature', () => digestOf('sha256', Buffer.from('khác'))).imprintMatch, false)
  t.same(tokenImprint(token), { hash: 'sha256', digest: digestOf('sha256', data) })
  const padded = checkToken(Buffer.concat([token, Buffer.alloc(100)]), 'document', imprintOf)
  t.ok(padded.intact, 'zeros follow, as a PDF pads')
  t.same(padded.der, token)
  t.end()
})

t.test('a response holds a token', (t) => {
  const token = tokenOver(data, tsa)
  const response = (status: number) => sequence(sequence(integer(status)), token)
  t.ok(checkToken(response(0), 'signature', imprintOf).intact)
  t.same(checkToken(response(1), 'signature', imprintOf).der, token)
  t.notOk(checkToken(response(2), 'signature', imprintOf).intact, 'of a refusal nothing is taken')
  t.notOk(checkToken(sequence(sequence(integer(0))), 'signature', imprintOf).intact)
  t.end()
})

t.test('what makes a token no proof', (t) => {
  const honest = tokenOver(data, tsa)
  const spoiled = Buffer.from(honest)
  spoiled[spoiled.indexOf(digestOf('sha256', data))]! ^= 1
  const withoutEss = (all: readonly Buffer[]) => all.slice(0, 2)
  const ofStranger = (all: readonly Buffer[]) => [
    ...all.slice(0, 2),
    attribute(
      OID.signingCertificateV2,
      sequence(sequence(sequence(octetString(digestOf('sha256', stranger.certificateChain[0]!.der))))),
    ),
  ]
  const vectors: Readonly<Record<string, readonly [Uint8Array, reason: string]>> = {
    'value-spoiled': [makeToken(tsa, { imprint: digestOf('sha256', data), broken: true }), 'value-mismatch'],
    'imprint-changed': [spoiled, 'digest-mismatch'],
    'certificate-left-out': [tokenOver(data, tsa, { certificates: false }), 'certificate-missing'],
    'signing-certificate-left-out': [tokenOf(info(), { attributes: withoutEss }), 'attribute-missing'],
    'signing-certificate-of-another': [tokenOf(info(), { attributes: ofStranger }), 'certificate-mismatch'],
    'two-signers': [
      makeCms(info(), [{ by: tsa }, { by: stranger }], { contentType: TST_INFO }),
      'cms-unreadable',
    ],
    'no-signer': [makeCms(info(), [], { contentType: TST_INFO }), 'cms-unreadable'],
    'content-of-another-type': [makeCms(info(), [{ by: tsa }]), 'cms-unreadable'],
    'content-left-out': [
      makeCms(info(), [{ by: tsa }], { contentType: TST_INFO, detached: true }),
      'cms-unreadable',
    ],
    'version-2': [tokenOf(info({ version: 2 })), 'cms-unreadable'],
    'time-without-zone': [tokenOf(info({ time: '20260101000000' })), 'cms-unreadable'],
    'day-that-is-none': [tokenOf(info({ time: '20260230000000Z' })), 'cms-unreadable'],
    'bytes-after-the-info': [tokenOf(Buffer.concat([info(), Buffer.from('00', 'hex')])), 'cms-unreadable'],
    'bytes-after-the-token': [Buffer.concat([honest, Buffer.from('01', 'hex')]), 'cms-unreadable'],
    'cut-off': [honest.subarray(0, -1), 'cms-unreadable'],
    empty: [Buffer.alloc(0), 'cms-unreadable'],
    'no-token': [sequence(oid('1.2.3'), context(0, setOf())), 'cms-unreadable'],
  }
  for (const [name, [token, reason]] of Object.entries(vectors)) {
    const checked = checkToken(token, 'signature', imprintOf)
    t.notOk(checked.intact, name)
    t.ok(
      checked.checks.some(({ outcome, code }) => outcome === 'failed' && code === reason),
      `${name}: ${reason}`,
    )
  }
  t.end()
})

t.test('weak and unknown imprints', (t) => {
  const sha1 = tokenOf(info({ hashOid: OID.sha1, imprint: digestOf('sha1', data) }))
  t.match(checkToken(sha1, 'signature', imprintOf), { intact: true, imprintMatch: true, strong: false })
  const unknown = tokenOf(info({ hashOid: '1.2.3.4.5' }))
  t.match(checkToken(unknown, 'signature', imprintOf), {
    imprintMatch: null,
    strong: false,
    imprintAlgorithm: '1.2.3.4.5',
  })
  t.end()
})

t.test('TSTInfo to the last digit', (t) => {
  const read = readTstInfo(
    info({
      time: '20260101235959.123456Z',
      accuracy: [sequence(integer(1), tlv(0x80, Buffer.from([0x01, 0xf4])), tlv(0x81, Buffer.from([100])))],
    }),
  )
  t.equal(read.genTime.toISOString(), '2026-01-01T23:59:59.123Z')
  t.equal(read.fraction, '123456')
  t.equal(read.accuracy, 1501)
  t.equal(String(read.serial), String(0xff00000000000000000001n))
  t.end()
})

t.test('a certificate from outside serves a token without one', (t) => {
  const token = tokenOver(data, tsa, { certificates: false })
  t.ok(checkToken(token, 'signature', imprintOf, [...tsa.certificateChain]).intact)
  t.notOk(checkToken(token, 'signature', imprintOf, [...stranger.certificateChain]).intact)
  t.end()
})

t.test('tram tsverify', async (t) => {
  const token = tokenOf(info({ time: '20260101235959.1234Z' }))
  t.match(await tsverify(token, bytesSource(data)), {
    verdict: 'valid',
    genTime: '2026-01-01T23:59:59.1234Z',
    imprintMatch: true,
    imprintAlg: 'sha256',
    intact: true,
    policy: '1.2.3.4',
    serial: String(0xff00000000000000000001n),
    tsaCert: createHash('sha256').update(tsa.certificateChain[0]!.der).digest('hex'),
    digest: 'sha256',
    reason: null,
  })
  t.match(await tsverify(token), { verdict: 'valid', imprintMatch: null })
  t.match(await tsverify(token, bytesSource(Buffer.from('khác'))), {
    verdict: 'invalid',
    imprintMatch: false,
  })
  t.match(await tsverify(Buffer.from('không phải DER')), { verdict: 'invalid', genTime: null, intact: false })
  const lost = await tsverify(tokenOver(data, tsa, { certificates: false }), bytesSource(data))
  t.equal(lost.verdict, 'unsupported')
  t.ok(lost.reason?.vi)
})

t.test('spoiled tokens are never intact over what they do not say', (t) => {
  const token = tokenOver(data, tsa, { genTime: new Date('2026-01-01T00:00:00Z') })
  const { info: honest } = openToken(token)
  for (let at = 0; at < token.length; at += 3) {
    const spoiled = Buffer.from(token)
    spoiled[at]! ^= 1 << (at % 8)
    const checked = checkToken(spoiled, 'signature', imprintOf)
    if (!checked.intact) continue
    const same =
      checked.genTime?.getTime() === honest.genTime.getTime() &&
      checked.serial === String(honest.serial) &&
      checked.imprintMatch === true
    if (!same) t.fail(`octet ${at}`)
  }
  t.end()
})
