import { createHash, sign } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { type ByteSource, bytesSource } from '../../../src/signature/byte-source.ts'
import type { CheckedSignature } from '../../../src/signature/checks.ts'
import { octetString } from '../../../src/signature/der-writer.ts'
import { checkPdf } from '../../../src/signature/formats/pades-file.ts'
import { detachedBy, objectOf, signByHand, streamObject, updatePdf } from '../../fakes/edit-pdf.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makeToken } from '../../fakes/fake-tsa-token.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { signCms } from '../../fakes/sign-cms.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'

const ca = fakeCa()
const { person, agency } = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const pdf = makePdf(['ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM', 'Về việc thử nghiệm: 100 đồng'])
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const check = (bytes: Uint8Array) => checkPdf(bytesSource(bytes))
const failures = ({ checks }: CheckedSignature) =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ check, code }) => `${check}: ${code}`)
/** What may be called a sound signature over the file as it is. */
const isWhole = (one: CheckedSignature) =>
  one.state === 'valid' && one.coverage === 'whole' && one.modifiedAfterSigning === false

const once = await signByHand(pdf, { numbers: [20, 21], name: 'Nguoi ky', contents: detachedBy(person) })
const twice = await signByHand(once, { numbers: [22, 23], name: 'Co quan', contents: detachedBy(agency) })

t.test('every fact of a signature is told', async (t) => {
  const [one, ...others] = await check(once)
  t.same(others, [])
  t.match(one, {
    format: 'pades',
    id: 'Nguoi ky',
    state: 'valid',
    strong: true,
    valueIntact: true,
    references: [{ uri: 'ByteRange', intact: true }],
    coverage: 'whole',
    modifiedAfterSigning: false,
    digestAlgorithm: 'sha256',
  })
  t.equal(one?.later, undefined)
  t.equal(one?.signer?.sha256, person.certificateChain[0]!.sha256)
  t.ok(one?.value && one.value.length > 0)
})

t.test('an earlier signature covers the whole for whoever trusts those who signed later', async (t) => {
  const [first, second] = await check(twice)
  t.match(first, {
    id: 'Nguoi ky',
    coverage: 'whole',
    modifiedAfterSigning: false,
    later: [{ by: [1], paints: false }],
  })
  t.match(second, { id: 'Co quan', coverage: 'whole', modifiedAfterSigning: false })
  t.equal(second?.later, undefined)
})

t.test('a document timestamp is an entry of its own, and proof of time for what it covers', async (t) => {
  const imprint = (covered: Uint8Array) => createHash('sha256').update(covered).digest()
  const genTime = new Date('2026-03-01T01:02:03Z')
  const stamp = (contents: (covered: Uint8Array) => Uint8Array) =>
    signByHand(once, { numbers: [22, 23], name: 'Dau TG', subFilter: 'ETSI.RFC3161', contents })
  const [signature, timestamp] = await check(
    await stamp((covered) => makeToken(agency, { imprint: imprint(covered), genTime })),
  )
  t.match(timestamp, {
    id: 'Dau TG',
    state: 'valid',
    documentTimestamp: true,
    coverage: 'whole',
    timestamps: [],
  })
  t.match(signature?.timestamps, [{ kind: 'document', genTime, imprintMatch: true, intact: true }])
  t.match(signature, { coverage: 'whole', later: [{ by: [1] }] })

  const [, other] = await check(await stamp(() => makeToken(agency, { imprint: imprint(pdf) })))
  t.match(other, { state: 'invalid', references: [{ intact: false }] })
  const [, broken] = await check(
    await stamp((covered) => makeToken(agency, { imprint: imprint(covered), broken: true })),
  )
  t.match(broken, { state: 'invalid' })
})

t.test('validation data of the file comes along', async (t) => {
  const catalog = objectOf(once, 1)
  const [certificate] = ca.issuing.certificateChain
  const packed = deflateSync(Buffer.from('a response')).toString('latin1')
  const extended = updatePdf(once, {
    1: catalog.replace(/>>$/, '/DSS 50 0 R >>'),
    50: '<< /Type /DSS /Certs [51 0 R] /CRLs 54 0 R /VRI << /ABC << /OCSP [53 0 R 53 0 R] >> >> >>',
    51: streamObject(latin1(certificate!.der)),
    52: streamObject('a list'),
    53: streamObject(packed, '/Filter /FlateDecode'),
    54: '[52 0 R 99 0 R]',
  })
  const [one] = await check(extended)
  t.match(one, { coverage: 'whole', modifiedAfterSigning: false, later: [{ by: [], paints: false }] })
  t.ok(one?.material.certificates.some(({ sha256 }) => sha256 === certificate!.sha256))
  t.same(one?.material.crls.map(latin1), ['a list'])
  t.same(one?.material.ocsps.map(latin1), ['a response'])
})

t.test('validation data may grow and move, but not be taken away', async (t) => {
  const catalog = objectOf(once, 1)
  const withStore = updatePdf(once, {
    1: catalog.replace(/>>$/, '/DSS 50 0 R >>'),
    50: '<< /Certs [51 0 R] /OCSPs [52 0 R] /VRI << /ABC << /OCSP [52 0 R] >> >> >>',
    51: streamObject('a certificate'),
    52: streamObject('a response'),
  })
  const by = detachedBy(agency)
  const stamped = await signByHand(withStore, { numbers: [60, 61], name: 'Sau', contents: by })
  const later = (store: string) =>
    check(
      updatePdf(stamped, { 50: store, 53: streamObject('a response'), 54: streamObject('a newer response') }),
    )
  const sound = {
    'as it is': '<< /Certs [51 0 R] /OCSPs [52 0 R] /VRI << /ABC << /OCSP [52 0 R] >> >> >>',
    'more, in another order': '<< /Certs [51 0 R] /OCSPs [54 0 R 52 0 R] >>',
    'the same data in another object': '<< /Certs [51 0 R] /OCSPs [53 0 R] >>',
    'only related to a signature': '<< /Certs [51 0 R] /VRI << /ABC << /OCSP [52 0 R] >> >> >>',
  }
  for (const [name, store] of Object.entries(sound)) {
    const found = await later(store)
    t.same(found.map(isWhole), [true, true], name)
  }
  const gone = {
    'a response': '<< /Certs [51 0 R] >>',
    'a response, for a newer one': '<< /Certs [51 0 R] /OCSPs [54 0 R] >>',
    'a certificate': '<< /OCSPs [52 0 R] >>',
    everything: 'null',
  }
  for (const [name, store] of Object.entries(gone)) {
    const [first, second] = await later(store)
    t.ok(isWhole(first!), `${name}: nothing is gone that was there for the first`)
    t.match(second, { state: 'valid', coverage: 'part', modifiedAfterSigning: true }, name)
    t.same(failures(second!), ['whole-document: validation-data-removed'], name)
  }
})

t.test('adbe.pkcs7.sha1: the content inside is the digest of the file', async (t) => {
  const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest()
  const by = (contents: (covered: Uint8Array) => Promise<Uint8Array>) =>
    signByHand(pdf, { numbers: [20, 21], subFilter: 'adbe.pkcs7.sha1', contents })
  const [sound] = await check(await by((covered) => signCms(sha1(covered), person)))
  t.match(sound, { state: 'valid', strong: false, coverage: 'whole', references: [{ intact: true }] })
  const [other] = await check(await by(() => signCms(sha1(pdf), person)))
  t.match(other, { state: 'invalid', references: [{ intact: false }] })
})

t.test('adbe.x509.rsa_sha1: a bare RSA value, with whichever hash', async (t) => {
  const certificate = Buffer.from(person.certificateChain[0]!.der).toString('hex')
  const by = (hash: string, over?: Uint8Array) =>
    signByHand(pdf, {
      numbers: [20, 21],
      subFilter: 'adbe.x509.rsa_sha1',
      entries: `/Cert <${certificate}>`,
      contents: (covered) => octetString(sign(hash, over ?? covered, person.key)),
    })
  const [weak] = await check(await by('sha1'))
  t.match(weak, { state: 'valid', strong: false, valueIntact: true, signatureAlgorithm: 'rsa-sha1' })
  t.match(await check(await by('sha256')), [{ state: 'valid', strong: true, coverage: 'whole' }])
  t.match(await check(await by('sha256', pdf)), [{ state: 'invalid', valueIntact: false }])
})

t.test('DocMDP and FieldMDP: what the signer permits is told beside what was done', async (t) => {
  const text = '<< /Type /Annot /Subtype /Widget /FT /Tx /T (so tien) /Rect [0 0 90 20] /P 3 0 R /V () >>'
  const reference = (method: string, parameters: string) =>
    `/Reference [<< /Type /SigRef /TransformMethod /${method} /TransformParams << /Type /TransformParams ${parameters} >> >>]`
  const withField = (entries: string, field = '') =>
    signByHand(pdf, {
      numbers: [20, 21],
      entries,
      field,
      objects: { 30: text, 3: objectOf(pdf, 3).replace(/>>$/, '/Annots [30 0 R] >>') },
      contents: detachedBy(agency),
    })
  const page = (file: Uint8Array, list: string) =>
    objectOf(file, 3).replace(/\/Annots \[[^\]]*\]/, `/Annots [${list}]`)
  const changes: Record<string, (file: Uint8Array) => Uint8Array | Promise<Uint8Array>> = {
    signed: (file) => signByHand(file, { numbers: [22, 23], name: 'Khac', contents: detachedBy(person) }),
    stamped: (file) =>
      signByHand(file, {
        numbers: [22, 23],
        name: 'Dau TG',
        subFilter: 'ETSI.RFC3161',
        contents: (covered) => makeToken(agency, { imprint: createHash('sha256').update(covered).digest() }),
      }),
    filled: (file) => updatePdf(file, { 30: text.replace('/V ()', '/V (9 ty)') }),
    annotated: (file) =>
      updatePdf(file, {
        3: page(file, '30 0 R 60 0 R'),
        60: '<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (x) >>',
      }),
    redrawn: (file) => updatePdf(file, { 4: streamObject('BT ET') }),
  }
  const rows: [name: string, file: Uint8Array, permitted: Record<string, boolean | undefined>][] = [
    ['nothing said', await withField(''), {}],
    [
      'P 1',
      await withField(reference('DocMDP', '/P 1')),
      { signed: false, stamped: true, filled: false, annotated: false, redrawn: false },
    ],
    [
      'P 2',
      await withField(reference('DocMDP', '/P 2')),
      { signed: true, filled: true, annotated: false, redrawn: false },
    ],
    [
      'P 3',
      await withField(reference('DocMDP', '/P 3')),
      { signed: true, filled: true, annotated: true, redrawn: false },
    ],
    [
      'P 9',
      await withField(reference('DocMDP', '/P 9')),
      { signed: false, stamped: true, filled: false, annotated: false, redrawn: false },
    ],
    [
      'locked',
      await withField(reference('FieldMDP', '/Action /Include /Fields [(so tien)]')),
      { signed: true, filled: false },
    ],
    [
      'another locked',
      await withField(reference('FieldMDP', '/Action /Include /Fields [(ngay)]')),
      { filled: true },
    ],
    [
      'all but one locked',
      await withField('', '/Lock << /Action /Exclude /Fields [(so tien)] >>'),
      { filled: true },
    ],
    ['lock of the field', await withField('', '/Lock << /Action /All >>'), { filled: false }],
  ]
  const words = {
    filled: 'forms-filled-after-signing',
    annotated: 'annotated-after-signing',
    redrawn: 'changed-after-signing',
  }
  for (const [name, file, permitted] of rows) {
    for (const [change, make] of Object.entries(changes)) {
      const [one] = await check(await make(file))
      const title = `${name}: ${change}`
      const mdp = one?.checks.find(({ check }) => check === 'doc-mdp')
      if (change in permitted) t.equal(mdp?.outcome, permitted[change] ? 'passed' : 'failed', title)
      const isSound = change === 'stamped' || (change === 'signed' && permitted.signed !== false)
      t.equal(isWhole(one!), isSound, title)
      if (change in words)
        t.ok(failures(one!).includes(`whole-document: ${words[change as keyof typeof words]}`), title)
    }
  }
})

t.test('forgeries are flagged', async (t) => {
  const by = detachedBy(person)
  const numbers = [20, 21] as const
  const fieldTo = (value: string, objects: Record<number, string> = {}) =>
    updatePdf(pdf, {
      1: objectOf(pdf, 1).replace(/>>$/, '/AcroForm << /Fields [21 0 R] /SigFlags 3 >> >>'),
      21: `<< /FT /Sig /T (Ky) /Subtype /Widget /Rect [0 0 0 0] /V ${value} >>`,
      ...objects,
    })
  const contents = /\/Contents <[0-9a-f]+>/.exec(latin1(once))![0]
  const hidden = '<< /Type /Sig /SubFilter /ETSI.CAdES.detached >>'
  const cases: Record<string, Uint8Array> = {
    'a byte more': Buffer.concat([once, Buffer.from(' ')]),
    'a line end more': Buffer.concat([once, Buffer.from('\n')]),
    'a comment more': Buffer.concat([once, Buffer.from('%%EOF\n')]),
    'another document more': Buffer.concat([once, pdf]),
    'a gap wider than /Contents': await signByHand(pdf, {
      numbers,
      contents: by,
      range: (start, end, length) => [0, start - 9, end, length - end],
    }),
    'a gap narrower than /Contents': await signByHand(pdf, {
      numbers,
      contents: by,
      range: (start, end, length) => [0, start + 1, end - 1, length - end + 1],
    }),
    'one range': await signByHand(pdf, { numbers, contents: by, range: (start) => [0, start] }),
    'three ranges': await signByHand(pdf, {
      numbers,
      contents: by,
      range: (start, end, length) => [0, 9, 20, start - 20, end, length - end],
    }),
    'ranges that overlap': await signByHand(pdf, {
      numbers,
      contents: by,
      range: (start, _, length) => [0, start, start - 9, length - start + 9],
    }),
    'a range beyond the file': await signByHand(pdf, {
      numbers,
      contents: by,
      range: (start, end, length) => [0, start, end, length],
    }),
    'no field': await signByHand(pdf, { numbers, contents: by, isListed: false }),
    'no ByteRange': fieldTo('20 0 R', { 20: `<< /Type /Sig /SubFilter /ETSI.CAdES.detached ${contents} >>` }),
    'ByteRange null': fieldTo('20 0 R', {
      20: `<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange null ${contents} >>`,
    }),
    'no Contents': fieldTo('20 0 R', {
      20: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 9 9 9] >>',
    }),
    'Contents empty': fieldTo('20 0 R', {
      20: '<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 9 9 9] /Contents <> >>',
    }),
    'Contents twice': fieldTo('20 0 R', {
      20: `<< /Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 9 9 9] ${contents} ${contents} >>`,
    }),
    'in an object stream': fieldTo('20 0 R', {
      20: streamObject(`22 0 ${hidden}`, '/Type /ObjStm /N 1 /First 5'),
    }),
    'another object in its place': updatePdf(once, {
      20: objectOf(once, 20).replace('/Type /Sig', '/Type /Sig /Reason (x)'),
    }),
    'its field gone': updatePdf(once, { 1: objectOf(pdf, 1) }),
    'a new field with the old signature': updatePdf(once, {
      1: objectOf(once, 1).replace('21 0 R]', '21 0 R 40 0 R]'),
      40: '<< /FT /Sig /T (Khac) /Subtype /Widget /Rect [9 9 99 99] /P 3 0 R /V 20 0 R >>',
    }),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    const found = await check(bytes)
    t.ok(found.length > 0, `${name}: not absent`)
    t.notOk(found.every(isWhole), `${name}: not sound`)
    t.ok(
      found.some((one) => failures(one).length > 0),
      `${name}: says why`,
    )
  }
})

t.test('a shadow document: what lies ready is shown later', async (t) => {
  const ready = updatePdf(pdf, { 60: streamObject('BT /F1 13 Tf 56 780 Td (9 ty dong) Tj ET') })
  const signed = await signByHand(ready, { numbers: [20, 21], contents: detachedBy(agency) })
  const at = String(latin1(signed).indexOf('60 0 obj')).padStart(10, '0')
  // Nothing but a cross-reference: object 4, the page's content, is now where object 60 stands.
  const xref = `xref\n4 1\n${at} 00000 n \ntrailer\n<< /Size 61 /Root 1 0 R /Prev ${/startxref\n(\d+)\n%%EOF\n$/.exec(latin1(signed))![1]} >>\nstartxref\n${signed.length}\n%%EOF\n`
  const shown = Buffer.concat([signed, Buffer.from(xref)])
  const replaced = updatePdf(signed, {
    3: objectOf(signed, 3).replace('/Contents 4 0 R', '/Contents 60 0 R'),
  })
  for (const bytes of [shown, replaced]) {
    const again = await signByHand(bytes, { numbers: [70, 71], name: 'Sau', contents: detachedBy(person) })
    const [first] = await check(again)
    t.match(first, { state: 'valid', coverage: 'part', modifiedAfterSigning: true })
  }
})

t.test('a copy of a signature dictionary is no second signature', async (t) => {
  const copied = updatePdf(once, { 20: objectOf(once, 20) })
  const found = await check(copied)
  t.equal(found.length, 1)
  t.match(found, [{ state: 'valid', id: 'Nguoi ky' }])
})

t.test('the signature of an attached file is content', async (t) => {
  const attached = updatePdf(pdf, { 60: streamObject(latin1(once), '/Type /EmbeddedFile') })
  t.same(await check(attached), [])
  const signed = await signByHand(attached, { numbers: [20, 21], contents: detachedBy(person) })
  const found = await check(signed)
  t.equal(found.length, 1)
  t.ok(found.every(isWhole))
})

t.test('an encrypted file: the bytes are signed all the same', async (t) => {
  const encrypted = updatePdf(pdf, { 9: '<< /Filter /Standard /V 4 >>' }, { trailer: '/Encrypt 9 0 R' })
  const signed = await signByHand(encrypted, { numbers: [20, 21], contents: detachedBy(person) })
  t.match(await check(signed), [{ state: 'valid', coverage: 'whole', modifiedAfterSigning: false }])
  const [one] = await check(updatePdf(signed, { 60: streamObject('x') }, { trailer: '/Encrypt 9 0 R' }))
  t.match(one, { state: 'valid', coverage: 'unknown', modifiedAfterSigning: null })
})

t.test('a file whose structure cannot be read is told, not taken for unsigned', async (t) => {
  const text = latin1(once).replaceAll('/ByteRange', '/Byte#52ange')
  const hidden = Buffer.from(text.slice(0, text.lastIndexOf('startxref')), 'latin1')
  t.match(await check(hidden), [{ state: 'unverifiable' }])
  t.same(await check(pdf), [])
  t.same(await check(Buffer.from('%PDF-1.7\n')), [])
  t.match(await check(Buffer.from(`%PDF-1.7\n${'/ByteRange [0 1 2 3]\n'.repeat(100)}`)), [
    { state: 'unverifiable' },
  ])
})

t.test('no byte of a twice signed file can change unnoticed', async () => {
  const gap = [...latin1(twice).matchAll(/<[0-9a-f]{24000}>/g)].map(({ index }) => index)
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: twice.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const mutant = Buffer.from(twice)
        mutant[at] = mutant[at]! ^ by
        const found = await check(mutant)
        // The earlier value is covered by the later signature; within the later one stand letters of either case,
        // padding, and certificates that only help to build a path.
        const isSigned = at < gap[1]! || at >= gap[1]! + 24_002
        return !isSigned || !(found.length === 2 && found.every(isWhole))
      },
    ),
    { numRuns: 150, seed: 20260301 },
  )
})

t.test('memory stays flat: no read is longer than a window', async (t) => {
  const large = updatePdf(pdf, { 60: streamObject('x'.repeat(6 * 1024 * 1024)) })
  const signed = await signByHand(large, { numbers: [20, 21], contents: detachedBy(person) })
  let largest = 0
  const counted: ByteSource = {
    length: signed.length,
    read: async (start, end) => {
      largest = Math.max(largest, end - start)
      return signed.subarray(start, end)
    },
  }
  t.ok((await checkPdf(counted)).every(isWhole))
  t.ok(largest <= 1024 * 1024 + 256, `${largest}`)
})
