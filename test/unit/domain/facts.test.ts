import fc from 'fast-check'
import t from 'tap'
import { isOpenOn } from '../../../src/domain/agency.ts'
import type { Attachment, Envelope } from '../../../src/domain/envelope.ts'
import { hasErrors } from '../../../src/domain/fault.ts'
import {
  agencyCode,
  edxmlDocumentId,
  isSha256,
  isUuid,
  newDeliveryKey,
  type Sha256,
  sha256,
  uuidv7,
} from '../../../src/domain/identifiers.ts'
import { GatewayError, PROBLEMS, type ProblemCode } from '../../../src/domain/problem.ts'
import { sealedObjects } from '../../../src/domain/sealed-objects.ts'
import { foldDiacritics, searchNeedle, searchTextOf } from '../../../src/domain/search-text.ts'
import { submissionKey } from '../../../src/domain/submission-key.ts'
import { URGENCIES, urgencyOf } from '../../../src/domain/urgency.ts'
import { edxmlTimestamp, vietnamDay, vietnamIso } from '../../../src/domain/vietnam-time.ts'

const hex = (digit: string): Sha256 => sha256(digit.repeat(64))
const instant = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })

t.test('identifiers', async (t) => {
  t.test('a UUID of version 7 tells its time and sorts by it (RFC 9562 §5.7)', async () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 1e12 }), (now, later) => {
        const [a, b] = [uuidv7(now), uuidv7(new Date(now.getTime() + later))]
        const milliseconds = Number.parseInt(a.replaceAll('-', '').slice(0, 12), 16)
        return isUuid(a) && /^.{14}7.{4}[89ab]/.test(a) && milliseconds === now.getTime() && a < b
      }),
    )
  })

  t.test('no two are the same', async (t) => {
    const now = new Date()
    t.equal(new Set(Array.from({ length: 10_000 }, () => uuidv7(now))).size, 10_000)
    t.ok(isUuid(newDeliveryKey()))
  })

  t.test('only 64 small hex digits are a SHA-256', async (t) => {
    t.ok(isSha256('0a'.repeat(32)))
    for (const text of [
      '',
      'A'.repeat(64),
      'a'.repeat(63),
      'a'.repeat(65),
      `${'a'.repeat(64)}\n`,
      'g'.repeat(64),
    ]) {
      t.notOk(isSha256(text), JSON.stringify(text))
      t.throws(() => sha256(text), TypeError)
    }
    t.notOk(isUuid('00000000-0000-7000-8000-00000000000G'))
  })
})

t.test('time in Vietnam', async (t) => {
  t.test('is seven hours ahead, the whole year', async (t) => {
    const midnight = new Date('2026-06-30T17:00:00Z')
    t.equal(vietnamDay(midnight), '2026-07-01')
    t.equal(vietnamDay(new Date(midnight.getTime() - 1)), '2026-06-30')
    t.equal(edxmlTimestamp(new Date('2026-12-31T23:15:09.999Z')), '2027/01/01 06:15:09')
    t.equal(vietnamIso(new Date('2026-12-31T23:15:09Z')), '2027-01-01T06:15:09+07:00')
  })

  t.test('names the same second as the instant, whatever the zone of the machine', async () => {
    fc.assert(
      fc.property(instant, (now) => Date.parse(vietnamIso(now)) === Math.floor(now.getTime() / 1000) * 1000),
    )
  })
})

t.test('an agency is open from its first day to the day before validTo', async (t) => {
  const district = {
    code: agencyCode('H90.11'),
    name: 'Huyện Đã đóng',
    tier: 'district',
    parent: null,
    validFrom: '2020-01-01',
    validTo: '2025-07-01',
    successor: null,
  }
  const days: Record<string, boolean> = {
    '2019-12-31': false,
    '2020-01-01': true,
    '2025-06-30': true,
    '2025-07-01': false,
    '2026-11-21': false,
  }
  for (const [day, open] of Object.entries(days)) t.equal(isOpenOn(district, day), open, day)
  t.ok(isOpenOn({ ...district, validTo: null }, '2199-01-01'))
})

const VIETNAMESE = 'aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ'

t.test('search text', async (t) => {
  t.test('every Vietnamese letter folds to a plain one, in both forms and both cases', async (t) => {
    const plain = 'aaaaaaaaaaaaaaaaaabcddeeeeeeeeeeeeghiiiiiiklmnooooooooooooooooooopqrstuuuuuuuuuuuuvxyyyyyy'
    const letters = Array.from(VIETNAMESE)
    const expected = letters
      .map((letter) => Array.from(letter.normalize('NFD'))[0]!.replace('đ', 'd'))
      .join('')
    t.match(expected, /^[a-z]+$/, 'the table of the test itself')
    t.equal(expected.length, letters.length)
    t.equal([...new Set(expected)].join(''), [...new Set(plain)].join(''))
    for (const form of ['NFC', 'NFD'])
      for (const text of [VIETNAMESE, VIETNAMESE.toUpperCase()])
        t.equal(foldDiacritics(text.normalize(form)), expected, form)
    t.equal(foldDiacritics('Quyết định'), 'quyet dinh')
  })

  const text = fc
    .array(fc.constantFrom(...VIETNAMESE, ' ', 'Đ', 'Ư', '/', '1'))
    .map((letters) => letters.join(''))

  t.test('a document is found by a part of its text, typed with or without diacritics', async () => {
    fc.assert(
      fc.property(text, text, text, (before, part, after) => {
        const found = searchTextOf([`${before} ${part} ${after}`, undefined, 'khác'])
        return found.includes(searchNeedle(part)) && found.includes(searchNeedle(foldDiacritics(part)))
      }),
    )
  })

  t.test('both forms of Unicode give the same', async () => {
    fc.assert(
      fc.property(
        text,
        (given) => searchTextOf([given.normalize('NFD')]) === searchTextOf([given.normalize('NFC')]),
      ),
    )
  })

  t.test('who types diacritics means them', async (t) => {
    t.notOk(searchTextOf(['má']).includes(searchNeedle('mà')))
    t.ok(searchTextOf(['má']).includes(searchNeedle('ma')))
    t.equal(searchTextOf(['abc', undefined]), 'abc', 'a text without diacritics stands once')
  })
})

const organ = (code: string) => ({ organId: agencyCode(code) })
const documentEnvelope = (
  operation: 'new' | 'recall' | 'update' | 'replace',
  documentId?: string,
): Envelope => ({
  kind: 'document',
  from: organ('G90'),
  to: [organ('H90')],
  ...(documentId === undefined ? {} : { documentId: edxmlDocumentId(documentId) }),
  toPlaces: [],
  appendixes: [],
  responseFor: [],
  trace: [],
  business: { operation, receivers: [], replacements: [] },
  attachments: [],
})
const statusEnvelope: Envelope = { kind: 'status', from: organ('H90'), responseFor: {}, statusCode: '03' }

t.test('submission key', async (t) => {
  t.test('an introduced document is known by its id, whatever its bytes', async (t) => {
    for (const operation of ['new', 'replace'] as const) {
      const envelope = documentEnvelope(operation, 'G90,2026/11/20,1/BTN')
      t.equal(submissionKey(envelope, hex('a')), submissionKey(envelope, hex('b')), operation)
    }
    t.equal(
      submissionKey(documentEnvelope('new', 'x'), hex('a')),
      submissionKey(documentEnvelope('replace', 'x'), hex('b')),
      'a replacement may not take the id of another document',
    )
  })

  t.test('everything else is known by its bytes, and no two kinds meet', async (t) => {
    const envelopes = [
      statusEnvelope,
      documentEnvelope('recall', 'x'),
      documentEnvelope('update', 'x'),
      documentEnvelope('new'),
      documentEnvelope('new', 'x'),
      documentEnvelope('new', hex('a')),
    ]
    const keys = envelopes.map((envelope) => submissionKey(envelope, hex('a')))
    t.equal(new Set(keys).size, keys.length)
    for (const envelope of envelopes.slice(0, 4))
      t.not(submissionKey(envelope, hex('a')), submissionKey(envelope, hex('b')))
  })
})

t.test('an unknown priority travels as a normal one', async (t) => {
  for (const known of [0, 1, 2, 3, 4]) t.equal(urgencyOf(known), known)
  for (const unknown of [undefined, -1, 5, 0.5, Number.NaN]) t.equal(urgencyOf(unknown), 0)
  const priorities = Object.values(URGENCIES).map(({ queuePriority }) => queuePriority)
  t.strictSame(
    priorities,
    [...priorities].sort((a, b) => b - a),
    'the more urgent, the lower the number in the queue',
  )
  t.ok(priorities.every((priority) => priority > 0))
})

t.test('sealed objects have plain names, each its own', async (t) => {
  const attachment = fc.record({
    contentId: fc.string(),
    name: fc.string(),
    sniffedType: fc.option(fc.constantFrom('application/pdf', 'image/png', 'x/../../y'), { nil: undefined }),
    sha256: fc.constantFrom(hex('1'), hex('2')),
    length: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(attachment, { maxLength: 50 }), (attachments: Attachment[]) => {
      const objects = sealedObjects(hex('f'), attachments)
      const names = new Set(objects.map(({ name }) => name))
      return (
        objects[0]!.sha256 === hex('f') &&
        names.size === attachments.length + 1 &&
        [...names].every((name) => /^(?:packet\.edxml|attachment-\d{3,}\.[a-z0-9]+)$/.test(name)) &&
        attachments.every((each, index) => objects[index + 1]!.sha256 === each.sha256)
      )
    }),
  )
  t.strictSame(
    sealedObjects(hex('f'), [
      { contentId: 'a', name: '../Văn bản.pdf', sniffedType: 'application/pdf', sha256: hex('1'), length: 1 },
    ])[1],
    { name: 'attachment-001.pdf', mimeType: 'application/pdf', sha256: hex('1') },
  )
})

t.test('problems', async (t) => {
  const rows = Object.entries(PROBLEMS)

  t.test('each speaks both languages, and tells what to do', async (t) => {
    for (const [code, { title, advice }] of rows) {
      t.match(code, /^[a-z]+(?:-[a-z0-9]+)*$/)
      for (const text of [title.vi, title.en, advice.vi, advice.en]) t.ok(text.trim().length > 3, code)
      t.not(title.vi, title.en, code)
      t.match(title.vi, /[^\p{ASCII}]/u, `${code} is in proper Vietnamese`)
      for (const text of [title.vi, advice.vi]) t.equal(text, text.normalize('NFC'), code)
    }
    t.equal(new Set(rows.map(([, { title }]) => title.vi)).size, rows.length, 'no title twice')
    t.equal(new Set(rows.map(([, { title }]) => title.en)).size, rows.length)
  })

  t.test('each has a status of a refusal; what the gateway lacks may be tried again', async (t) => {
    for (const [code, { status, retryable }] of rows) {
      t.ok(status >= 400 && status < 600, code)
      // Of its quota an agency has no more until an operator gives it more.
      if (status >= 500 && code !== 'storage-quota-exceeded')
        t.ok(retryable, `${code}: not the request's fault`)
    }
  })

  t.test('an error carries its row, its faults and its cause', async (t) => {
    const cause = new Error('socket')
    const fault = { code: 'x', severity: 'error', hint: { vi: 'sửa', en: 'mend' } } as const
    const error = new GatewayError('packet-invalid', { faults: [fault], cause, retryAfter: 3 })
    const code: ProblemCode = error.code
    t.equal(code, 'packet-invalid')
    t.equal(error.message, PROBLEMS['packet-invalid'].title.en)
    t.equal(error.cause, cause)
    t.equal(error.retryAfter, 3)
    t.strictSame(error.faults, [fault])
    t.ok(hasErrors(error.faults))
    t.notOk(hasErrors([{ ...fault, severity: 'warning' }]))
    t.equal(
      new GatewayError('not-found', { detail: { vi: 'không có', en: 'nothing here' } }).message,
      'nothing here',
    )
  })
})
