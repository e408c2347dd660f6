import fc from 'fast-check'
import t from 'tap'
import { bytesSource } from '../../../src/signature/byte-source.ts'
import { laterChange, newEffort } from '../../../src/signature/formats/pdf-changes.ts'
import { objectOf, streamObject, type UpdateOptions, updatePdf } from '../../fakes/edit-pdf.ts'
import { makePdf } from '../../fakes/make-pdf.ts'

const plain = makePdf(['Về việc thử nghiệm: 100 đồng'])
const text =
  '<< /Type /Annot /Subtype /Widget /FT /Tx /T (so tien) /Rect [0 0 90 20] /P 3 0 R /AP << /N 31 0 R >> >>'
/** A form with fonts of its own, a text field and a note. */
const base = updatePdf(plain, {
  1: objectOf(plain, 1).replace(
    />>$/,
    '/AcroForm << /Fields [30 0 R] /DA (/Helv 0 Tf) /DR << /Font << /Helv 5 0 R >> /XObject << /FRM 31 0 R >> >> >> >>',
  ),
  3: objectOf(plain, 3).replace(/>>$/, '/Annots [30 0 R 32 0 R] >>'),
  30: text,
  31: streamObject('BT (100) Tj ET', '/Type /XObject /Subtype /Form /BBox [0 0 90 20]'),
  32: '<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /P 3 0 R /Contents (note) >>',
})

const change = (objects: Record<number, string>, options?: UpdateOptions) => {
  const updated = updatePdf(base, objects, options)
  return laterChange(bytesSource(updated), base.length, updated.length, newEffort())
}
const catalog = objectOf(base, 1)
const page = objectOf(base, 3)

t.test('what signing needs is no change', async (t) => {
  const field = '<< /FT /Sig /T (Ky) /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>'
  const kids = {
    40: '<< /FT /Sig /T (Ky) /Kids 41 0 R >>',
    41: '[42 0 R]',
    42: '<< /Subtype /Widget /Rect [0 0 0 0] >>',
  }
  const rows: Record<string, Record<number, string>> = {
    'objects written anew as they were': { 1: catalog, 3: page, 4: objectOf(base, 4) },
    'a new field': { 1: catalog.replace('[30 0 R]', '[30 0 R 40 0 R]'), 40: field },
    'a new field with its widget apart': {
      1: catalog.replace('[30 0 R]', '[30 0 R 40 0 R]'),
      3: page.replace('32 0 R]', '32 0 R 42 0 R]'),
      ...kids,
    },
    'default resources that grow': {
      1: catalog.replace('/Helv 5 0 R', '/Helv 5 0 R /F9 50 0 R'),
      50: '<< /Type /Font >>',
    },
    'another template of an appearance': {
      1: catalog.replace('/FRM 31 0 R', '/FRM 50 0 R'),
      50: streamObject(''),
    },
    'a field that is locked': { 30: text.replace(/>>$/, '/Ff 1 >>') },
    'validation data': { 1: catalog.replace(/>>$/, '/DSS 50 0 R >>'), 50: '<< /Type /DSS >>' },
  }
  for (const [name, objects] of Object.entries(rows))
    t.match(await change(objects), { kind: 'only-signed', paints: false }, name)
})

t.test('an empty signature field may be signed where it stands, its widget apart or not', async (t) => {
  const sign = { 51: '<< /Type /Sig >>', 52: streamObject('BT ET') }
  for (const [name, field, widget] of [
    ['in one', '<< /FT /Sig /T (Ky) /Subtype /Widget /Rect [0 0 9 9] >>', undefined],
    [
      'apart',
      '<< /FT /Sig /T (Ky) /Kids [41 0 R] >>',
      '<< /Subtype /Widget /Parent 40 0 R /Rect [0 0 9 9] >>',
    ],
  ] as const) {
    const fields: Record<number, string> = widget === undefined ? { 40: field } : { 40: field, 41: widget }
    const prepared = updatePdf(base, { 1: catalog.replace('[30 0 R]', '[30 0 R 40 0 R]'), ...fields })
    const drawn = (object: string) => object.replace(/>>$/, '/AP << /N 52 0 R >> >>')
    const signedBy = async (value: string, object: string | undefined = widget) => {
      const kid: Record<number, string> = object === undefined ? {} : { 41: drawn(object) }
      const whole = field.replace(/>>$/, `/V ${value} >>`)
      const after = updatePdf(prepared, { 40: object === undefined ? drawn(whole) : whole, ...kid, ...sign })
      return laterChange(bytesSource(after), prepared.length, after.length, newEffort())
    }
    t.match(await signedBy('51 0 R'), { kind: 'only-signed', paints: true }, name)
    t.match(await signedBy('30 0 R'), { kind: 'changed', level: 'other' }, `${name}: what was there before`)
    if (widget !== undefined)
      t.match(await signedBy('51 0 R', widget.replace('9 9', '99 99')), { kind: 'changed' }, `${name}: moved`)
  }
})

t.test('a form that is filled in, and annotations, are changes of their kind', async (t) => {
  const filled = { kind: 'changed', level: 'forms', fields: ['so tien'] }
  const annotated = { kind: 'changed', level: 'annotations' }
  const rows: [name: string, objects: Record<number, string>, expected: object][] = [
    ['a value', { 30: text.replace(/>>$/, '/V (9) >>') }, filled],
    [
      'a value with its appearance',
      { 30: text.replace('31 0 R', '50 0 R'), 50: streamObject('BT ET') },
      filled,
    ],
    [
      'a value, its appearance drawn anew',
      { 30: text.replace(/>>$/, '/V (9) >>'), 31: streamObject('BT ET') },
      filled,
    ],
    ['a value, and locked', { 30: text.replace(/>>$/, '/V (9) /Ff 1 >>') }, filled],
    ['a new note', { 3: page.replace('32 0 R]', '32 0 R 50 0 R]'), 50: objectOf(base, 32) }, annotated],
    ['a note gone', { 3: page.replace(' 32 0 R]', ']') }, annotated],
    ['a note changed', { 32: objectOf(base, 32).replace('note', 'other') }, annotated],
  ]
  for (const [name, objects, expected] of rows) t.match(await change(objects), expected, name)
})

t.test('everything else is a change beyond what anybody may permit', async (t) => {
  const rows: Record<string, [objects: Record<number, string>, options?: UpdateOptions]> = {
    'an appearance under a field that stays': [{ 31: streamObject('BT (9 ty) Tj ET') }],
    'a field moved': [{ 30: text.replace('[0 0 90 20]', '[0 0 590 820]') }],
    'a field of another kind': [{ 30: text.replace('/Tx', '/Btn') }],
    'a field made a password': [{ 30: text.replace(/>>$/, '/Ff 8192 >>') }],
    'a field gone': [{ 3: page.replace('30 0 R ', '') }],
    'a link over the page': [
      { 3: page.replace('32 0 R]', '32 0 R 50 0 R]'), 50: '<< /Subtype /Link /Rect [0 0 590 820] >>' },
    ],
    'a note with an action': [
      { 3: page.replace('32 0 R]', '32 0 R 50 0 R]'), 50: objectOf(base, 32).replace(/>>$/, '/A << >> >>') },
    ],
    'a font of the form exchanged': [
      { 1: catalog.replace('/Helv 5 0 R', '/Helv 50 0 R'), 50: '<< /Type /Font >>' },
    ],
    'content exchanged': [{ 4: streamObject('BT (9 ty) Tj ET') }],
    'an object removed': [{ 3: page.replace('/Contents 4 0 R', '') }],
    'an object beside the cross-references': [{ 50: '<< >>' }, { stray: '4 0 obj\n<< >>\nendobj\n' }],
    'another document for other programs': [
      { 50: streamObject('x') },
      { trailer: '/AdditionalStreams [/odt 50 0 R]' },
    ],
    'another catalog': [{ 50: catalog }, { root: '50 0 R' }],
  }
  for (const [name, [objects, options]] of Object.entries(rows))
    t.match(await change(objects, options), { kind: 'changed', level: 'other' }, name)
})

t.test('no token of any object can become another without being a change', async () => {
  const numbers = [2, 3, 4, 5, 6, 31]
  const tokens = (object: string) => [...object.matchAll(/[A-Za-z0-9]+/g)]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...numbers),
      fc.nat(),
      fc.stringMatching(/^[A-Z0-9]{1,4}$/),
      async (number, at, word) => {
        const object = objectOf(base, number)
        const all = tokens(object)
        const token = all[at % all.length]!
        fc.pre(token[0] !== word && Number(token[0]) !== Number(word))
        const other = `${object.slice(0, token.index)}${word}${object.slice(token.index + token[0].length)}`
        return (await change({ [number]: other })).kind === 'changed'
      },
    ),
    { numRuns: 300, seed: 20260301 },
  )
})
