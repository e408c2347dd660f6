import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { verifyContent } from '../../../src/cli/verify-file.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'
import { randomFrom } from '../../support/mutants/random.ts'
import { type SignedDocument, signedDocuments } from '../../support/mutants/signed-documents.ts'
import { type Mutant, mutantOf } from '../../support/mutants/xml-mutations.ts'
import { hasXmlsec1, xmlsec1In } from '../../support/mutants/xmlsec1.ts'

/*
 * Signed documents, changed at random: what the verifier takes, xmlsec1 must take too. MUTANTS tells how many,
 * MUTANT_SECONDS after how long no more are begun, MUTANT_SEED where to begin again; the whole trial is
 * `MUTANTS=10000 MUTANT_SECONDS=1800 npx tap run --timeout=2000`. BOTH_WAYS=1 also counts what xmlsec1 takes and we do not.
 */
const COUNT = Number(process.env.MUTANTS ?? 1_000)
const MOST_MS = Number(process.env.MUTANT_SECONDS ?? 60) * 1_000
/** Fewer say nothing. */
const LEAST = 300
const SEED = Number(process.env.MUTANT_SEED ?? Date.now() % 1_000_000)
const BOTH_WAYS = process.env.BOTH_WAYS === '1'

const NS = 'http://www.mic.gov.vn/TBT/QCVN_102_2016'
const packet = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="${NS}">
  <edXML:edXMLEnvelope xmlns:edXML="${NS}" Id="envelope">
    <edXML:edXMLHeader Id="header">
      <edXML:MessageHeader Id="message"><edXML:Subject>Thu 100 đồng</edXML:Subject></edXML:MessageHeader>
    </edXML:edXMLHeader>
    <edXML:edXMLBody Id="body"><edXML:edXMLManifest version="1.0"/></edXML:edXMLBody>
  </edXML:edXMLEnvelope>
  <AttachmentEncoded Id="attachments"><Attachment><ContentId>cid:1</ContentId></Attachment></AttachmentEncoded>
</edXML>
`)

t.test('what is taken here, xmlsec1 takes too', { timeout: MOST_MS + 120_000 }, async (t) => {
  if (!hasXmlsec1()) return t.pass('skipped: xmlsec1 is not installed', { skip: 'xmlsec1 is not installed' })
  const folder = mkdtempSync(join(tmpdir(), 'tram-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const ca = fakeCa()
  const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
  const ec = issue({ subject: [[NAME.commonName, 'Elip']], profile: 'signature', key: 'p256' }, ca.issuing)
  const pem = ({ certificateChain }: typeof ca.root) => certificateChain[0]!.x509.toString()
  const xmlsec1 = xmlsec1In(folder, { rootPem: pem(ca.root), issuingPem: pem(ca.issuing) })
  const ids = ['message', 'body', 'attachments']
  const byPerson = agency.signPacket(packet, 'person', { ids })
  const packetIds = ['MessageHeader', 'edXMLBody', 'AttachmentEncoded'].map((one) => `${NS}:${one}`)
  const documents: SignedDocument[] = [
    { name: 'packet as a whole', ids: [], text: Buffer.from(agency.signPacket(packet, 'agency')).toString() },
    {
      name: 'packet by Ids, person and agency',
      ids: [...packetIds, 'http://www.w3.org/2000/09/xmldsig#:SignatureProperty'],
      text: Buffer.from(agency.signPacket(byPerson, 'agency', { ids })).toString(),
    },
    ...signedDocuments(xmlsec1, agency.agency, ec),
  ]
  const signers = new Set<string>(
    [agency.agency, agency.person, ec].map((one) => one.certificateChain[0]!.sha256),
  )

  const verdictOn = async (text: string) => {
    const given = { detached: new Map(), trust: ca.trust, time: new Date() }
    const { overall, signatures } = await verifyContent(bytesSource(Buffer.from(text)), given)
    const ours = signatures.every(({ signerCertSha256: one }) => one !== null && signers.has(one))
    return { accepted: overall.startsWith('intact') && ours, count: signatures.length }
  }
  for (const { name, text, ids } of documents) {
    const { accepted, count } = await verdictOn(text)
    t.ok(accepted, `${name} is sound here`)
    t.ok(await xmlsec1.accepts(text, count, ids), `${name} is sound to xmlsec1`)
  }

  const random = randomFrom(SEED)
  const tally = { both: 0, neither: 0, 'xmlsec1 alone': 0, 'refused here': 0 }
  const told = new Map<string, number>()
  const judge = async ({ text, names }: Mutant, { name, ids }: SignedDocument) => {
    const { accepted, count } = await verdictOn(text)
    if (!accepted && !BOTH_WAYS) tally['refused here'] += 1
    else if (!(await xmlsec1.accepts(text, accepted ? count : 1, ids))) {
      if (accepted) t.fail(`taken here, and not by xmlsec1: ${name}: ${names.join(', ')}`, { text })
      else tally.neither += 1
    } else if (accepted) tally.both += 1
    else {
      tally['xmlsec1 alone'] += 1
      for (const one of names) told.set(one, (told.get(one) ?? 0) + 1)
    }
  }
  const deadline = performance.now() + MOST_MS
  let judged = 0
  for (; judged < COUNT && (judged < LEAST || performance.now() < deadline); judged += 1) {
    const document = documents[judged % documents.length]!
    await judge(mutantOf(document.text, random), document)
  }
  t.comment(`seed ${SEED}, ${judged} mutants of ${COUNT}: ${JSON.stringify(tally)}`)
  if (BOTH_WAYS) t.comment(`taken by xmlsec1 alone after: ${JSON.stringify(Object.fromEntries(told))}`)
  t.ok(tally.both > 0, 'some changes leave a signature sound')
})
