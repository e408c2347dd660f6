import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import { type Sha256, sha256 } from '../../../src/domain/identifiers.ts'
import { type SealedObject, sealedObjects } from '../../../src/domain/sealed-objects.ts'
import { signerOf } from '../../../src/signature/keys/signer.ts'
import { createSealer } from '../../../src/signature/seal/seal.ts'
import { sealedNames, sealedUris } from '../../../src/signature/seal-names.ts'
import { verifySeal } from '../../../src/signature/verify-seal.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'

const ca = fakeCa()
const time = new Date()
const context = { trust: ca.trust, time }
const { seal } = createSealer(
  signerOf(
    issue({ subject: [[NAME.commonName, 'Trục liên thông']], profile: 'signature', key: 'p256' }, ca.issuing),
  ),
)
const digest = (text: string): Sha256 => sha256(createHash('sha256').update(text).digest('hex'))

/** What a release makes of a packet whose attachments it takes for these types. */
const objectsOf = (contents: readonly string[], types: readonly (string | null)[]): SealedObject[] =>
  sealedObjects(
    digest('packet'),
    contents.map((content, index) => ({
      contentId: `${index}`,
      name: `${index}`,
      ...(types[index] && { sniffedType: types[index] }),
      length: content.length,
      sha256: digest(content),
    })),
  )
const CONTENTS = ['một', 'hai', 'hai']
const THERE = objectsOf(CONTENTS, ['application/pdf', 'application/zip', null])
const HERE = objectsOf(CONTENTS, ['image/png', null, 'application/pdf'])
const holds = { state: 'valid', trust: 'trusted' }

t.test('a seal of a release that takes files for other types holds, and names them as it does', async (t) => {
  const made = await seal(THERE, time)
  t.match(await verifySeal(made, HERE, context), [holds])
  const names = ['packet.edxml', 'attachment-001.pdf', 'attachment-002.zip', 'attachment-003.bin']
  t.strictSame(sealedNames(made, HERE), names)
  t.strictSame(sealedUris(made, HERE), names)
  const strange = THERE.map((one, index) => ({ ...one, name: `tệp số ${index}` }))
  const other = await seal(strange, time)
  t.match(await verifySeal(other, HERE, context), [holds], 'whatever the names are')
  t.strictSame(
    sealedNames(other, HERE),
    strange.map(({ name }) => name),
  )
})

const [packet, first, ...twins] = THERE
const others: Readonly<Record<string, readonly SealedObject[]>> = {
  'attachment-missing': [packet!, first!, twins[0]!],
  'attachment-too-many': [...THERE, { ...first!, name: 'another.pdf' }],
  'attachment-of-other-content': [packet!, { ...first!, sha256: digest('khác') }, ...twins],
  'attachment-instead-of-its-twin': [packet!, first!, first!, twins[0]!],
  'packet-of-other-content': [{ ...packet!, sha256: digest('khác') }, first!, ...twins],
  'packet-among-attachments': [first!, packet!, ...twins],
  nothing: [packet!],
}
for (const [defect, sealed] of Object.entries(others))
  t.test(`${defect}: the seal does not hold`, async (t) => {
    const findings = await verifySeal(await seal(sealed, time), HERE, context)
    t.equal(findings.length, 1)
    t.notMatch(findings[0], holds)
  })

t.test('two files of one name: the seal does not hold', async (t) => {
  const made = Buffer.from(await seal(THERE, time)).toString()
  const alike = made.replace('URI="attachment-003.bin"', 'URI="attachment-001.pdf"')
  t.notSame(alike, made)
  t.strictSame(sealedUris(Buffer.from(alike), HERE), sealedUris(Buffer.from('<a'), HERE), 'our own names')
  t.notMatch((await verifySeal(Buffer.from(alike), HERE, context))[0], holds)
})

t.test('it holds exactly where the contents are the same, in whatever order', async (t) => {
  const content = fc.constantFrom('a', 'b', 'c')
  const sorted = (list: readonly string[]) => JSON.stringify([...list].sort())
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { maxLength: 4 }),
      fc.array(content, { maxLength: 4 }),
      async (sealed, given) => {
        const [finding] = await verifySeal(
          await seal(objectsOf(sealed, ['application/pdf']), time),
          objectsOf(given, []),
          context,
        )
        const isWhole = finding?.state === 'valid' && finding.trust === 'trusted'
        return isWhole === (sorted(sealed) === sorted(given))
      },
    ),
    { numRuns: 60 },
  )
  t.pass()
})
