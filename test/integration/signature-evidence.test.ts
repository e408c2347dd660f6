import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { issue } from '../../scripts/issue-certificate.ts'
import { main } from '../../src/bin/main.ts'
import { findDocument } from '../../src/db/documents.ts'
import { findEvidence, listEvidence } from '../../src/db/signature-evidence.ts'
import type { DocumentKey } from '../../src/domain/identifiers.ts'
import { acceptSubmission } from '../../src/intake/accept-submission.ts'
import type { IntakeDependencies, Submission } from '../../src/intake/submission.ts'
import { verifyAgain } from '../../src/intake/verify-again.ts'
import { takeEvidence } from '../../src/receipts/evidence.ts'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import { NAME } from '../../src/signature/x509/name.ts'
import type { RevocationSource } from '../../src/signature/x509/revocation.ts'
import type { StampingDependencies } from '../../src/stamping/dependencies.ts'
import { addArchiveTimestamp, addTimestamp, addValidationData } from '../../src/stamping/lift-seal.ts'
import { fakeCa } from '../fakes/fake-ca.ts'
import { ocspResponseFor } from '../fakes/fake-ocsp.ts'
import { makeToken } from '../fakes/fake-tsa-token.ts'
import { signingAgency } from '../fakes/signing-agency.ts'
import { stampCms } from '../fakes/stamp-cms.ts'
import { callerOf, testGateway } from '../support/gateway.ts'
import { documentPacket } from '../support/packets.ts'
import { toPem } from '../support/pem.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { unzip } from '../support/unzip.ts'

const YEAR = 365 * 86_400_000
const { api, variables, ca: gatewayCa } = await testGateway(t)
Object.assign(process.env, variables)
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
    const responder = [ca.root, ca.issuing, gatewayCa.root, gatewayCa.issuing].find(
      ({ certificateChain }) => certificateChain[0]!.sha256 === issuer.sha256,
    )
    return responder === undefined ? [] : [ocspResponseFor(certificate, issuer, { responder })]
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

t.test("ten years later, without a timestamp of its own, but with one over the gateway's seal", async (t) => {
  const { certificate } = api.trust.anchors[0]!
  const trust = {
    anchors: [...ca.trust.anchors, { certificate, purposes: new Set(['signature'] as const) }],
    intermediates: [...ca.trust.intermediates, ...api.trust.intermediates],
  }
  const longTsa = issue(
    {
      subject: [[NAME.commonName, 'TSA 2']],
      profile: 'timestamp',
      notAfter: new Date(Date.now() + 15 * YEAR),
    },
    ca.root,
  )
  const stampedBy = (key: SigningKey): StampingDependencies => ({
    ...api,
    trust,
    revocation: responders,
    actor: 'test',
    tsa: {
      stamp: async (imprint) => {
        const genTime = new Date()
        return { token: makeToken(key, { imprint, genTime }), genTime, url: 'fake' }
      },
    },
  })
  const { claims } = await submit(
    'G90-2026-5',
    await ministry.signCms(Buffer.from('Công văn số 5'), 'agency'),
  )
  const found = async () => {
    const { report } = await verifyAgain(
      { ...gateway, trust, most: gateway.packetLimits.packetBytes },
      claims.document,
      inTenYears,
    )
    return report.findings
  }
  await addTimestamp(stampedBy(tsa), claims.document)
  t.match(await found(), [{ subIndication: 'OUT_OF_BOUNDS_NO_POE' }], 'its TSA has expired too')
  await addValidationData(stampedBy(tsa), claims.document)
  await addArchiveTimestamp(stampedBy(longTsa), claims.document)
  t.match(await found(), [
    { indication: 'TOTAL_PASSED', provenTime: { source: { en: /gateway's seal/ } }, timestamps: undefined },
  ])
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

t.test('the evidence goes out with the document, with its content and without', async (t) => {
  const { document } = withProof.claims
  const items = await findEvidence(api.pool, document)
  const caller = { clientId: 'kiem-toan', role: 'auditor', agency: null } as const
  for (const content of [false, true]) {
    const taken = await takeEvidence(api, { caller, document, content, facts: {} })
    const files = await unzip(await drained(taken.open()))
    const folder = content ? 'META-INF/evidence' : 'evidence'
    const found = [...files].filter(([name]) => name.startsWith(`${folder}/`))
    t.strictSame(
      found.map(([, bytes]) => createHash('sha256').update(bytes).digest('hex')).sort(),
      items.map(({ sha256 }) => sha256).sort(),
    )
  }
})

t.test('tram document verify: the same, from the command line', async (t) => {
  const folder = await temporaryFolder(t)
  const anchors: [string, string][] = [
    ['signature', toPem([ca.root.certificateChain[0]!.der])],
    ['timestamp', toPem([ca.root.certificateChain[0]!.der])],
    ['intermediate', toPem([ca.issuing.certificateChain[0]!.der])],
  ]
  for (const [name, pem] of anchors) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'ca.pem'), pem)
  }
  const verify = async (key: string, ...more: string[]) => {
    const said: string[] = []
    t.intercept(console, 'log', { value: (line: string) => said.push(line) })
    t.intercept(console, 'error', { value: () => undefined })
    const code = await main(['document', 'verify', key, '--trust', folder, ...more])
    return { code, said: said.map((line) => JSON.parse(line)) }
  }
  const later = ['--time', inTenYears.toISOString()]
  t.match(await verify(withProof.claims.document), { code: 0, said: [{ same: true }] })
  t.match(await verify(withProof.claims.document, ...later), {
    code: 0,
    said: [{ legalValue: 'agency-only' }],
  })
  t.match(await verify(without.claims.document, ...later), {
    code: 1,
    said: [
      {
        legalValue: 'reference-only',
        report: { findings: [{ subIndication: 'OUT_OF_BOUNDS_NO_POE' }] },
        atIntake: { legalValue: 'agency-only' },
      },
    ],
  })
  t.match(await verify('01890000-0000-7000-8000-000000000000'), { code: 1 })
})

const drained = (stream: Readable): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => resolve(Buffer.concat(chunks)))
    stream.on('error', reject)
  })
