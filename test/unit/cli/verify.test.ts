import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import t from 'tap'
import { runBatch } from '../../../src/cli/batch.ts'
import { BATCH_COMMANDS, type BatchCommandName } from '../../../src/cli/batch-commands.ts'
import { detachedPair } from '../../../src/cli/detached-pair.ts'
import { instant } from '../../../src/cli/instant.ts'
import { linesOf } from '../../../src/cli/lines.ts'
import { verifyContent } from '../../../src/cli/verify-file.ts'
import type { VerifyReport } from '../../../src/cli/verify-report.ts'
import { sha256 } from '../../../src/domain/identifiers.ts'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import { createSealer } from '../../../src/signature/seal/seal.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeCms } from '../../fakes/make-cms.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const run = promisify(execFile)
const TRAM = 'src/bin/tram.mjs'
const XML = Buffer.from('<van><edXMLHeader>Thu 100 dong</edXMLHeader></van>')

/** Runs the command in a process of its own, as scripts do. */
async function tram(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [TRAM, ...args])
    return { code: 0, out: stdout, err: stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, out: stdout, err: stderr }
  }
}

/** Answers of a batch, line by line, with its exit code. */
async function batch(name: BatchCommandName, lines: readonly (object | string)[]) {
  const written: string[] = []
  const output = new Writable({
    write: (chunk, _encoding, done) => {
      written.push(String(chunk))
      setImmediate(done)
    },
    highWaterMark: 16,
  })
  const text = lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')
  const code = await runBatch(name, ['--batch'], Readable.from([Buffer.from(text)]), output)
  const answers = written
    .join('')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  return { code, answers }
}

t.test('tram verify', async (t) => {
  const folder = await temporaryFolder(t)
  const file = async (name: string, bytes: Uint8Array | string) => {
    await writeFile(join(folder, name), bytes)
    return join(folder, name)
  }
  const ca = fakeCa()
  const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
  const pem = (key: typeof ca.root) => key.certificateChain[0]!.x509.toString()
  await file('root.pem', pem(ca.root))
  await file('issuing.pem', pem(ca.issuing))
  const key = await file('agency.crt', pem(agency.agency))
  const otherKey = await file('person.crt', pem(agency.person))
  const signed = Buffer.from(agency.signPacket(XML, 'agency', { keyInfo: 'chain' }))
  const sound = await file('sound.xml', signed)
  const changed = await file('changed.xml', signed.toString().replace('100', '900'))
  const plain = await file('plain.xml', XML)
  const text = await file('plain.txt', 'Kính gửi')
  const pdf = await file('signed.pdf', await agency.issuePdf(makePdf(['Thử'])))
  const longer = await file(
    'longer.pdf',
    Buffer.concat([await agency.issuePdf(makePdf(['Thử'])), Buffer.from('\n')]),
  )
  const detached = await file('content.p7s', await agency.signCms(XML, 'agency', { detached: true }))

  await t.test('one line of JSON, and an exit code', async (t) => {
    const good = await tram('verify', sound, '--trust', folder, '--json')
    const report = JSON.parse(good.out) as VerifyReport
    t.equal(good.out.trimEnd().split('\n').length, 1)
    t.match(report, {
      overall: 'intact',
      signatures: [
        {
          valueIntact: true,
          references: [{ uri: '', intact: true }],
          coversWholeDocument: true,
          digestAlg: 'sha256',
          sigAlg: 'rsa-sha256',
          signerCertSha256: agency.agency.certificateChain[0]!.sha256,
          indication: 'TOTAL_PASSED',
          subIndication: null,
          timestamps: [],
        },
      ],
    })
    t.ok('modifiedAfterSigning' in report.signatures[0]!)
    t.equal(good.code, 0)
    const untrusted = await tram('verify', sound)
    t.match(JSON.parse(untrusted.out), {
      overall: 'intact',
      signatures: [{ indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' }],
    })
    t.equal(untrusted.code, 0, 'without --trust, integrity is what is asked for')
    t.match(untrusted.err, /INDETERMINATE/, 'words for people')
    const bad = await tram('verify', changed, '--json')
    t.match(JSON.parse(bad.out), { overall: 'broken', signatures: [{ indication: 'TOTAL_FAILED' }] })
    t.equal(bad.code, 1)
    const late = await tram('verify', sound, '--trust', folder, '--time', '2099-01-01', '--json')
    t.match(JSON.parse(late.out), { overall: 'intact', signatures: [{ indication: 'INDETERMINATE' }] })
    t.equal(late.code, 1, 'with --trust, trust is asked for too')
    t.equal((await tram('verify')).code, 2)
    t.equal((await tram('verify', sound, '--time', 'yesterday')).code, 2)
    t.equal((await tram('verify', sound, '--trust', join(folder, 'nowhere'))).code, 2)
  })

  await t.test('a word for the whole of each file, in a batch', async (t) => {
    const words: [job: Record<string, unknown>, word: string][] = [
      [{ file: sound }, 'intact'],
      [{ file: sound, key }, 'intact'],
      [{ file: sound, key: otherKey }, 'broken'],
      [{ file: changed }, 'broken'],
      [{ file: plain }, 'unsigned'],
      [{ file: text }, 'unsupported'],
      [{ file: pdf }, 'intact'],
      [{ file: longer }, 'intact-not-whole-file'],
      [{ file: detached }, 'needs-detached'],
      [{ file: detached, detached: { 'any name': plain } }, 'intact'],
      [{ file: detached, detached: [`a=${plain}`] }, 'intact'],
      [{ file: detached, detached: [{ name: 'a', file: plain }] }, 'intact'],
      [{ file: detached, detached: plain }, 'intact'],
      [{ file: detached, detached: { a: text } }, 'broken'],
    ]
    const { code, answers } = await batch(
      'verify',
      words.map(([job], index) => ({ ...job, id: index })),
    )
    t.equal(code, 0)
    t.same(
      answers.map(({ id, overall }) => [id, overall]),
      words.map(([, word], index) => [index, word]),
    )
  })

  await t.test('a detached XAdES signature covers the objects that it names', async (t) => {
    const object = {
      name: 'plain.xml',
      mimeType: 'application/xml',
      sha256: sha256(createHash('sha256').update(XML).digest('hex')),
    }
    const seal = await createSealer(signerOf(agency.agency)).seal([object], new Date())
    const sealed = await file('seal.xml', seal)
    const { answers } = await batch('verify', [
      { file: sealed },
      { file: sealed, detached: { 'plain.xml': plain } },
      { file: sealed, detached: { 'plain.xml': changed } },
      { file: sealed, detached: { 'plain.xml': plain, 'plain.txt': text } },
    ])
    t.same(
      answers.map(({ overall }) => overall),
      ['needs-detached', 'intact', 'broken', 'intact-partial'],
    )
  })

  await t.test('an error of one job is told, and the next one is taken', async (t) => {
    const { code, answers } = await batch('verify', [
      { id: 'a', file: join(folder, 'nowhere') },
      'no JSON',
      '[]',
      '',
      { id: 'b' },
      { file: 7 },
      { file: sound, detached: 7 },
      { file: sound, time: 'yesterday' },
      { file: sound, trust: join(folder, 'nowhere') },
      { file: sound, key: text },
      { file: folder },
      { id: null, file: sound, trust: folder, time: new Date().toISOString() },
    ])
    t.equal(code, 1)
    t.match(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        ['a', 'file-unreadable'],
        [undefined, 'json-invalid'],
        [undefined, 'json-invalid'],
        ['b', 'job-invalid'],
        [undefined, 'job-invalid'],
        [undefined, 'job-invalid'],
        [undefined, 'job-invalid'],
        [undefined, 'job-invalid'],
        [undefined, 'job-invalid'],
        [undefined, 'file-unreadable'],
        [null, undefined],
      ],
    )
    t.match(answers.at(-1), { signatures: [{ indication: 'TOTAL_PASSED' }] })
  })

  await t.test('every command that takes batches answers jobs', async (t) => {
    for (const name of Object.keys(BATCH_COMMANDS) as BatchCommandName[]) {
      const { answers } = await batch(name, [{ id: 1 }, { id: 2 }])
      t.match(
        answers,
        [
          { id: 1, error: { code: 'job-invalid' } },
          { id: 2, error: {} },
        ],
        name,
      )
    }
    await t.rejects(runBatch('verify', ['--batch', 'x.xml']), /standard input/)
  })
})

t.test('lines of a stream', async (t) => {
  const lines = async (...chunks: string[]) => {
    const found: (string | null)[] = []
    for await (const line of linesOf(Readable.from(chunks.map((one) => Buffer.from(one))), 5))
      found.push(line)
    return found
  }
  t.same(await lines('a\nb', 'c\n', '\nd'), ['a', 'bc', '', 'd'])
  t.same(await lines('abcdef\nx'), [null, 'x'], 'one that is too long')
  t.same(await lines('abc', 'def', 'ghi\nx\n'), [null, 'x'], 'in several pieces')
  t.same(await lines(), [])
})

t.test('times and names', async (t) => {
  t.equal(instant('time', '2026-11-20T08:00:00+07:00').toISOString(), '2026-11-20T01:00:00.000Z')
  t.equal(instant('time', '2026-11-20T08:00:00').toISOString(), '2026-11-20T08:00:00.000Z')
  t.equal(instant('time', '2026-11-20').toISOString(), '2026-11-20T00:00:00.000Z')
  for (const wrong of ['', 'x', '2026', '2026-13-01', '2026-02-30', '20/11/2026'])
    t.throws(() => instant('time', wrong))
  t.same(detachedPair('a=b=c'), ['a', 'b=c'])
  t.same(detachedPair('/x/y.pdf'), ['y.pdf', '/x/y.pdf'])
  for (const wrong of ['=x', 'x=']) t.throws(() => detachedPair(wrong))
})

t.test('a CMS that lacks a mandatory attribute is not called intact, whatever its value fits', async (t) => {
  const { agency: by } = signingAgency({ ca: fakeCa(), name: 'Sở Thử nghiệm', code: 'H99.01' })
  const bytes = makeCms(Buffer.from('Thử'), [{ by, attributes: (honest) => honest.slice(1) }])
  const { overall, signatures } = await verifyContent(bytesSource(bytes), {
    detached: new Map(),
    time: new Date(),
  })
  t.equal(overall, 'refused')
  t.match(signatures[0], { valueIntact: true, references: [{ intact: true }] })
})
