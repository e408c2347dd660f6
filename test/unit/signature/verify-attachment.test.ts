import fc from 'fast-check'
import t from 'tap'
import { issue } from '../../../scripts/issue-certificate.ts'
import type { SignatureFinding } from '../../../src/domain/signature-report.ts'
import { type ByteSource, bytesSource, verifyAttachment } from '../../../src/signature/verify-attachment.ts'
import { NAME } from '../../../src/signature/x509/name.ts'
import { fakeCa } from '../../fakes/fake-ca.ts'
import { makePdf } from '../../fakes/make-pdf.ts'
import { signCms } from '../../fakes/sign-cms.ts'
import { signPdf } from '../../fakes/sign-pdf.ts'
import { signingAgency } from '../../fakes/signing-agency.ts'

const ca = fakeCa()
const agency = signingAgency({ ca, name: 'Ủy ban nhân dân tỉnh Thử Nghiệm', code: 'H99' })
const context = { trust: ca.trust, time: new Date() }
const lines = ['ỦY BAN NHÂN DÂN TỈNH THỬ NGHIỆM', 'Về việc thử nghiệm chữ ký số: 100 đồng']
const pdf = makePdf(lines)
const byAgency = await agency.signPdf(pdf, 'agency')
const issued = await agency.issuePdf(pdf)

const verify = async (bytes: Uint8Array, type?: string) =>
  (await verifyAttachment(bytesSource(bytes), 'tep-1', type, context)).findings
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const checkOf = (finding: SignatureFinding | undefined, check: string) =>
  finding?.checks.find((one) => one.check === check)

function changed(bytes: Uint8Array, from: string | RegExp, to: string): Uint8Array {
  const result = latin1(bytes).replace(from, () => to)
  if (result === latin1(bytes)) throw new Error(`nothing to change: ${from}`)
  return Buffer.from(result, 'latin1')
}

t.test('PDF: signed by the agency', async (t) => {
  t.match(await verify(byAgency, 'application/pdf'), [
    {
      where: 'tep-1',
      format: 'pades',
      state: 'valid',
      trust: 'trusted',
      signerKind: 'agency',
      digestAlgorithm: 'sha256',
    },
  ])
  t.strictSame(await verify(pdf, 'application/pdf'), [])
})

t.test('PDF: an original, signed by the person and then by the agency', async (t) => {
  const findings = await verify(issued)
  t.match(findings, [
    {
      where: 'tep-1#1',
      state: 'valid',
      trust: 'trusted',
      signerKind: 'person',
      signerName: 'Nguyễn Văn Thử',
    },
    { where: 'tep-1#2', state: 'valid', trust: 'trusted', signerKind: 'agency' },
  ])
  t.equal(checkOf(findings[0], 'whole-document')?.outcome, 'passed')
  t.match(checkOf(findings[0], 'whole-document')?.reason?.en, /nothing but what further signatures/)
  t.equal(checkOf(findings[1], 'whole-document')?.outcome, 'passed')
})

t.test('PDF: an earlier signature counts only where a trusted one answers for what follows', async (t) => {
  const stranger = signingAgency({ ca: fakeCa(), name: 'Cơ quan Lạ', code: 'X' })
  const byPerson = await agency.signPdf(pdf, 'person')
  for (const bytes of [
    Buffer.concat([byPerson, Buffer.from('\n% more\n')]),
    await signPdf(byPerson, stranger.agency),
  ]) {
    const [first] = await verify(bytes)
    t.match(first, { state: 'valid', trust: 'not-checked', signerKind: 'person' })
    t.equal(checkOf(first, 'whole-document')?.outcome, 'failed')
    t.match(checkOf(first, 'whole-document')?.reason?.en, /changed after signing/)
  }
})

/** An incremental update of a PDF: objects by number, and what its trailer says beside the usual. */
function updated(
  pdf: Uint8Array,
  objects: Readonly<Record<number, string>>,
  { root, stray = '' }: { root?: string; stray?: string } = {},
): Uint8Array {
  const text = latin1(pdf)
  const last = (pattern: RegExp) => [...text.matchAll(pattern)].at(-1)![1]!
  const numbers = Object.keys(objects).map(Number)
  const size = Math.max(Number(last(/\/Size (\d+)/g)), ...numbers.map((number) => number + 1))
  let file = `${text}\n${stray}`
  const entries = numbers.map((number) => {
    const entry = `${number} 1\n${String(file.length).padStart(10, '0')} 00000 n \n`
    file += `${number} 0 obj\n${objects[number]}\nendobj\n`
    return entry
  })
  const trailer = `<< /Size ${size} /Root ${root ?? last(/\/Root (\d+ 0 R)/g)} /Prev ${last(/startxref\s+(\d+)/g)} >>`
  file += `xref\n${entries.join('')}trailer\n${trailer}\nstartxref\n${file.length}\n%%EOF\n`
  return Buffer.from(file, 'latin1')
}

const objectOf = (bytes: Uint8Array, number: number): string =>
  [...latin1(bytes).matchAll(new RegExp(`\\n${number} 0 obj\\s([\\s\\S]*?)\\sendobj`, 'g'))].at(-1)![1]!
const stream = (content: string) => `<< /Length ${content.length} >>\nstream\n${content}\nendstream`
const citizen = issue(
  {
    subject: [
      [NAME.commonName, 'Người Lạ'],
      [NAME.userId, 'CCCD:001'],
    ],
    profile: 'signature',
  },
  ca.issuing,
)

t.test('PDF: whoever signs last, nothing but signing may follow a signature', async (t) => {
  const page = objectOf(byAgency, 3)
  const catalog = objectOf(byAgency, 1)
  const form = Number(/\/AcroForm (\d+)/.exec(catalog)![1])
  const forgery = stream('BT /F1 13 Tf 56 780 Td (9 ty dong) Tj ET')
  const widget = (rest: string) => `<< /Type /Annot /Subtype /Widget /F 4 /P 3 0 R ${rest} >>`
  const pageWith = (list: string) => page.replace(/>>$/, `/Annots [${list}] >>`)
  const cases: Record<string, Uint8Array> = {
    'page content replaced': updated(byAgency, { 4: forgery }),
    'page leads to other content': updated(byAgency, {
      3: page.replace('/Contents 4 0 R', '/Contents 50 0 R'),
      50: forgery,
    }),
    'page size changed': updated(byAgency, { 3: page.replace('595 842', '595 142') }),
    'font replaced': updated(byAgency, { 5: '<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>' }),
    'page added': updated(byAgency, {
      2: '<< /Type /Pages /Kids [3 0 R 50 0 R] /Count 2 >>',
      50: page,
    }),
    'stamp laid over the page': updated(byAgency, {
      3: pageWith('50 0 R'),
      50: '<< /Type /Annot /Subtype /Stamp /Rect [0 0 500 800] /P 3 0 R >>',
    }),
    'text field laid over the page': updated(byAgency, {
      3: pageWith('50 0 R'),
      50: widget('/FT /Tx /T (so) /V (9 ty) /Rect [0 0 500 800]'),
    }),
    'widget with an action': updated(byAgency, {
      3: pageWith('50 0 R'),
      50: widget('/FT /Sig /T (so) /Rect [0 0 0 0] /AA << >>'),
    }),
    'action on opening': updated(byAgency, {
      1: catalog.replace(/>>$/, '/OpenAction << /S /JavaScript /JS (x) >> >>'),
    }),
    'another catalog': updated(byAgency, { 50: catalog }, { root: '50 0 R' }),
    'fields drawn anew': updated(byAgency, {
      [form]: objectOf(byAgency, form).replace('/NeedAppearances false', '/NeedAppearances true'),
    }),
    'signature field changed': updated(byAgency, {
      [form]: objectOf(byAgency, form).replace(/\/Fields \[[^\]]*\]/, '/Fields []'),
    }),
    'an object that only repairing readers see': updated(
      byAgency,
      { 50: '<< >>' },
      { stray: `4 0 obj\n${forgery}\nendobj\n` },
    ),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    const [first, second] = await verify(await signPdf(bytes, citizen))
    t.match(first, { state: 'valid', trust: 'not-checked', signerKind: 'agency' }, name)
    t.match(checkOf(first, 'whole-document')?.reason?.en, /changed after signing/, name)
    t.match(second, { state: 'valid', trust: 'trusted', signerKind: 'person' }, name)
    t.match(await verify(bytes), [{ state: 'valid', trust: 'not-checked' }], `${name}, nobody signs`)
  }
})

t.test('PDF: a hole in the signed document must not be filled later', async (t) => {
  const template = latin1(pdf).replace('/Contents 4 0 R', '/Contents [4 0 R 60 0 R]')
  const shift = template.length - pdf.length
  // The offsets behind the page, and of the cross-references, move by as much.
  const fixed = template
    .replace(/\n(\d{10})(?= 00000 n)/g, (entry, digits: string) =>
      Number(digits) > template.indexOf('60 0 R')
        ? `\n${String(Number(digits) + shift).padStart(10, '0')}`
        : entry,
    )
    .replace(/startxref\n(\d+)/, (_, digits: string) => `startxref\n${Number(digits) + shift}`)
  const signed = await agency.signPdf(Buffer.from(fixed, 'latin1'), 'agency')
  const again = await signPdf(signed, citizen)
  t.match(await verify(again), [{ trust: 'trusted' }, { trust: 'trusted' }])
  const filled = updated(signed, { 60: stream('BT /F1 13 Tf 56 780 Td (9 ty dong) Tj ET') })
  t.match(await verify(await signPdf(filled, citizen)), [{ trust: 'not-checked' }, { trust: 'trusted' }])
})

t.test('PDF: what long-term validation adds is no change', async (t) => {
  const catalog = objectOf(byAgency, 1)
  const extended = updated(byAgency, {
    1: catalog.replace(/>>$/, '/DSS 50 0 R >>'),
    50: '<< /Type /DSS /Certs [51 0 R] >>',
    51: stream('a certificate'),
  })
  const [finding] = await verify(extended)
  t.match(finding, { state: 'valid', trust: 'trusted', signerKind: 'agency' })
  t.match(checkOf(finding, 'whole-document')?.reason?.en, /nothing but/)
})

t.test('PDF: only a signer of the same organisation may paint on a signed page', async (t) => {
  const byPerson = await agency.signPdf(pdf, 'person')
  const painted = async (key: typeof citizen) => {
    const place = updated(byPerson, {
      3: objectOf(byPerson, 3).replace(/>>$/, '/Annots [50 0 R] >>'),
      50: '<< /Type /Annot /Subtype /Widget /FT /Sig /T (dau) /F 4 /P 3 0 R /Rect [50 50 250 150] >>',
    })
    return verify(await signPdf(place, key))
  }
  t.match(await painted(agency.agency), [{ trust: 'trusted', signerKind: 'person' }, { trust: 'trusted' }])
  const [first] = await painted(citizen)
  t.match(first, { state: 'valid', trust: 'not-checked' })
  t.match(checkOf(first, 'whole-document')?.reason?.en, /paints on the signed page/)
})

t.test('PDF: legacy sub-filter, P-256', async (t) => {
  const key = issue(
    { subject: [[NAME.organization, 'Cơ quan Thử']], profile: 'signature', key: 'p256' },
    ca.issuing,
  )
  t.match(await verify(await signPdf(pdf, key)), [
    { state: 'valid', trust: 'trusted', signatureAlgorithm: 'ecdsa-sha256' },
  ])
  const legacy = await signPdf(pdf, agency.agency, { subFilter: 'adbe.pkcs7.detached' })
  t.match(await verify(legacy), [{ state: 'valid', trust: 'trusted' }])
})

t.test('PDF: tampered with', async (t) => {
  const text = latin1(byAgency)
  const range = /\/ByteRange\s*\[([\d\s]+)\]/.exec(text)!
  const [, gapStart, gapEnd, tail] = range[1]!.trim().split(/\s+/).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const withRange = (...numbers: number[]) => {
    const fitted = numbers.join(' ').padEnd(range[1]!.length, ' ')
    return changed(byAgency, range[0], range[0].replace(range[1]!, fitted))
  }
  const hex = text.slice(gapStart + 1, gapEnd - 1)
  const cases: Record<string, [bytes: Uint8Array, state: string]> = {
    'content changed': [changed(byAgency, 'BT /F1 13', 'BT /F1 14'), 'invalid'],
    'dictionary changed': [
      changed(byAgency, '/MediaBox [0 0 595 842]', '/MediaBox [0 0 595 142]'),
      'invalid',
    ],
    'range does not start at 0': [withRange(1, gapStart - 1, gapEnd, tail), 'invalid'],
    'gap wider than /Contents': [withRange(0, gapStart - 9, gapEnd, tail), 'invalid'],
    'gap narrower than /Contents': [withRange(0, gapStart + 8, gapEnd, tail), 'invalid'],
    'range beyond the file': [withRange(0, gapStart, gapEnd, tail + 9), 'invalid'],
    'ranges overlap': [withRange(0, gapStart, gapStart - 5, tail), 'invalid'],
    'range ends early': [withRange(0, gapStart, gapEnd, tail - 1), 'invalid'],
    'signature emptied': [changed(byAgency, hex, '0'.repeat(hex.length)), 'unverifiable'],
    'CMS cut': [changed(byAgency, hex.slice(0, 200), '0'.repeat(200)), 'unverifiable'],
    'sub-filter unknown': [changed(byAgency, '/ETSI.CAdES.detached', '/ETSI.XXdES.detached'), 'unverifiable'],
    encrypted: [Buffer.concat([byAgency, Buffer.from('\ntrailer << /Encrypt 9 0 R >>\n')]), 'valid'],
  }
  for (const [name, [bytes, state]] of Object.entries(cases)) {
    const findings = await verify(bytes)
    t.equal(findings[0]?.state, state, name)
    t.ok(
      findings.every(({ trust }) => trust === 'not-checked'),
      `${name}: no trust`,
    )
    t.ok(
      findings[0]?.checks.some(({ outcome, reason }) => outcome === 'failed' && reason?.vi),
      `${name}: says why`,
    )
  }
  const appended = await verify(Buffer.concat([byAgency, Buffer.from(' ')]))
  t.match(appended, [{ state: 'valid', trust: 'not-checked' }], 'one byte more is not the signed file')
})

t.test('PDF: no byte of a signed file can change unnoticed', async () => {
  const range = /\/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)/.exec(latin1(byAgency))!
  const [gapStart, gapEnd] = [Number(range[1]), Number(range[2])]
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: byAgency.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, by) => {
        const mutant = Buffer.from(byAgency)
        mutant[at] = mutant[at]! ^ by
        const findings = await verify(mutant, 'application/pdf')
        // Inside /Contents stand also certificates that only help to build a path, and letters of either case.
        const isSigned = at < gapStart || at >= gapEnd
        return !isSigned || findings.every(({ state, trust }) => state !== 'valid' || trust !== 'trusted')
      },
    ),
    { numRuns: 300, seed: 20260301 },
  )
})

t.test('PDF: memory stays flat, and the scan finds a signature across windows', async (t) => {
  const padding = 3 * 1024 * 1024
  const large = Buffer.from(`%PDF-1.7\n${'% '.padEnd(padding, 'x')}\n`, 'latin1')
  const signed = await agency.signPdf(makePdf([...lines, 'trang']), 'agency')
  let largest = 0
  const counted: ByteSource = {
    length: signed.length,
    read: async (start, end) => {
      largest = Math.max(largest, end - start)
      return signed.subarray(start, end)
    },
  }
  t.match((await verifyAttachment(counted, 'tep-1', undefined, context)).findings, [{ state: 'valid' }])
  t.ok(largest <= 1024 * 1024 + 64)
  for (const shift of [0, 1, 5, 9, 10, 11]) {
    const text = '/ByteRange [0 1 2 3]'
    const at = 1024 * 1024 - shift
    const file = Buffer.concat([large.subarray(0, at), Buffer.from(text), large.subarray(at)])
    t.match(await verify(file), [{ state: 'unverifiable' }], `found ${shift} bytes before the edge`)
  }
})

t.test('PDF: a ContentId that poses as something else lends no weight to it', async (t) => {
  for (const id of ['envelope', 'tep-2#1']) {
    const { findings } = await verifyAttachment(bytesSource(byAgency), id, undefined, context)
    t.ok(findings.every(({ where }) => where.startsWith('cid:')))
  }
})

t.test('CMS: content inside, and outside', async (t) => {
  const inside = await agency.signCms(pdf, 'agency')
  t.match(await verify(inside), [{ format: 'cms', state: 'valid', trust: 'trusted', signerKind: 'agency' }])
  const p256 = issue(
    { subject: [[NAME.organization, 'Cơ quan Thử']], profile: 'signature', key: 'p256' },
    ca.issuing,
  )
  t.match(await verify(await signCms(pdf, p256)), [{ state: 'valid', trust: 'trusted' }])
  const detached = await agency.signCms(pdf, 'agency', { detached: true })
  const [finding] = await verify(detached)
  t.match(finding, { state: 'unverifiable', trust: 'not-checked' })
  t.match(checkOf(finding, 'form')?.reason?.en, /not in this file/)
})

t.test('CMS: tampered with', async (t) => {
  const signed = Buffer.from(await agency.signCms(Buffer.from('Thu 100 đồng'), 'agency'))
  const cases: Record<string, [bytes: Uint8Array, state: string]> = {
    'content changed': [changed(signed, 'Thu 100', 'Thu 900'), 'invalid'],
    'signature value changed': [
      Buffer.concat([signed.subarray(0, -1), Buffer.from([signed.at(-1)! ^ 1])]),
      'invalid',
    ],
    'bytes after it': [Buffer.concat([signed, Buffer.from([0])]), 'unverifiable'],
    'cut short': [signed.subarray(0, -9), 'unverifiable'],
  }
  for (const [name, [bytes, state]] of Object.entries(cases))
    t.match(await verify(bytes), [{ state, trust: 'not-checked' }], name)
})

t.test('XML files may be signed as well', async (t) => {
  const xml = Buffer.from('<hoSo><edXMLHeader></edXMLHeader></hoSo>')
  t.match(await verify(agency.signPacket(xml, 'agency')), [
    { format: 'xmldsig', state: 'valid', trust: 'trusted' },
  ])
  t.strictSame(await verify(xml), [])
  t.strictSame(await verify(Buffer.from('PK\x03\x04')), [])
  t.strictSame(await verify(new Uint8Array(0)), [])
})
