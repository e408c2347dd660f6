import { Readable } from 'node:stream'
import t from 'tap'
import { issue } from '../../scripts/issue-certificate.ts'
import { findDocument } from '../../src/db/documents.ts'
import { listEvidence } from '../../src/db/signature-evidence.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import type { IntakeDependencies, Submission } from '../../src/intake/submission.ts'
import { verifyAgain } from '../../src/intake/verify-again.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import type { RevocationSource } from '../../src/signature/x509/revocation.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { ocspResponseFor } from '../fakes/fake-ocsp.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { stampCms } from '../fakes/stamp-cms.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'

const YEAR = 365 * 86_400_000
const { api } = await testGateway(t)
const ca = fakeCa()
const ministry = signingAgency({ ca, name: 'Bộ Thử nghiệm', code: 'G90' })
const tsa = issue(
  { subject: [[NAME.commonName, 'TSA']], profile: 'timestamp', notAfter: new Date(Date.now() + 5 * YEAR) },
  ca.root,
)

let asked = 0
/** Answers for both authorities: everything is good. */
const responders: RevocationSource = {
  crls: async () => [],
  ocsps: async (certificate, issuer) => {
    asked++
    const isRoot = issuer.sha256 === ca.root.certificateChain[0]!.sha256
    return [ocspResponseFor(certificate, issuer, { responder: isRoot ? ca.root : ca.issuing })]
  },
}
const gateway: IntakeDependencies = { ...api, trust: ca.trust, revocation: responders }

async function submit(
  documentId: string,
  bytes: Uint8Array,
  options: { gateway?: IntakeDependencies } & Pick<Submission, 'brokenSignatures'> = {},
) {
  const attachments = [{ name: 'cv.p7m', type: 'application/pkcs7-mime', bytes }]
  const packet = await documentPacket({ from: 'G90', to: ['H90'], documentId, attachments })
  return acceptSubmission(options.gateway ?? gateway, {
    caller: callerOf('G90'),
    content: Readable.from([packet]),
    ...(options.brokenSignatures && { brokenSignatures: options.brokenSignatures }),
  })
}

const again = (key: DocumentKey, time?: Date) =>
  verifyAgain({ ...gateway, most: gateway.packetLimits.packetBytes }, key, time)
const inTenYears = new Date(Date.now() + 10 * YEAR + 86_400_000)

const plain = await ministry.signCms(Buffer.from('Công văn số 1'), 'agency')
const withProof = await submit('G90-2026-1', stampCms(plain, tsa))
const without = await submit('G90-2026-2', await ministry.signCms(Buffer.from('Công văn số 2'), 'agency'))
const ofIntake = asked

t.test('what a signature was judged by is kept, and shared', async (t) => {
  t.equal(withProof.claims.legalValue, 'agency-only')
  const kinds = async (key: DocumentKey) => (await listEvidence(api.pool, key)).map(({ kind }) => kind)
  t.strictSame(
    await kinds(withProof.claims.document),
    // The signer, its CA, the root and the TSA; one answer on each below the root.
    ['certificate', 'certificate', 'certificate', 'certificate', 'ocsp', 'ocsp', 'ocsp', 'token'],
  )
  t.strictSame(await kinds(without.claims.document), [
    'certificate',
    'certificate',
    'certificate',
    'ocsp',
    'ocsp',
  ])
  const { rows } = await api.pool.query(
    `select count(*)::int as count from signature_evidence where kind = 'certificate'`,
  )
  t.strictSame(rows, [{ count: 4 }], 'certificates of two documents stand once')
  const document = await findDocument(api.pool, withProof.claims.document)
  t.match(document?.signatureReport, {
    policy: 'vn-government-documents',
    revocationAsked: true,
    findings: [
      {
        indication: 'TOTAL_PASSED',
        level: 'CAdES-B-T',
        coverage: 'whole',
        timestamps: [{ kind: 'signature', trust: 'trusted', imprintMatch: true, intact: true }],
        provenTime: { source: { en: /timestamp/ } },
      },
    ],
  })
})

t.test('verified again offline, the same is found', async (t) => {
  for (const { claims } of [withProof, without]) {
    const found = await again(claims.document)
    t.ok(found.same, JSON.stringify(found.report.findings))
    t.equal(found.legalValue, claims.legalValue)
  }
  t.equal(asked, ofIntake, 'nobody is asked')
})

t.test('ten years later, when signer, CA and TSA have expired', async (t) => {
  t.ok(ca.issuing.certificateChain[0]!.notAfter < inTenYears)
  const proven = await again(withProof.claims.document, inTenYears)
  t.match(proven.report.findings, [{ indication: 'TOTAL_PASSED', trust: 'trusted' }])
  t.equal(proven.legalValue, 'agency-only')
  const unproven = await again(without.claims.document, inTenYears)
  t.match(unproven.report.findings, [
    { indication: 'INDETERMINATE', subIndication: 'OUT_OF_BOUNDS_NO_POE', trust: 'untrusted' },
  ])
  t.equal(unproven.legalValue, 'reference-only')
  t.equal(asked, ofIntake, 'nobody is asked')
})

t.test('a responder that is silent leaves the packet in, and the signature out', async (t) => {
  const silent = { ...gateway, revocation: { crls: async () => [], ocsps: async () => [] } }
  const bytes = await ministry.signCms(Buffer.from('Công văn số 3'), 'agency')
  const { claims, warnings } = await submit('G90-2026-3', bytes, { gateway: silent })
  t.equal(claims.legalValue, 'reference-only')
  t.match(warnings, [{ code: 'signature-not-relied-on', found: 'TRY_LATER', hint: { vi: /thu hồi/ } }])
})

t.test('the door says what becomes of a broken signature', async (t) => {
  const broken = Buffer.from(await ministry.signCms(Buffer.from('Công văn số 4'), 'agency'))
  broken[broken.indexOf('Công')]! ^= 1
  await t.rejects(submit('G90-2026-4', broken), { code: 'signature-invalid' })
  const { claims, warnings } = await submit('G90-2026-4', broken, { brokenSignatures: 'report' })
  t.equal(claims.legalValue, 'reference-only')
  t.match(warnings, [{ code: 'signature-not-relied-on', found: 'HASH_FAILURE' }])
  t.strictSame(await listEvidence(api.pool, claims.document), [])
})
