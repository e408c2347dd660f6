import t from 'tap'
import { isUuid, uuidv7 } from '../../../src/domain/identifiers.ts'

t.test('a UUID of version 7 begins with its time and is made but once', async (t) => {
  const made = uuidv7(new Date('2026-11-20T01:02:03.456Z'))
  t.ok(isUuid(made), made)
  t.equal(Number.parseInt(made.replaceAll('-', '').slice(0, 12), 16), Date.UTC(2026, 10, 20, 1, 2, 3, 456))
  t.match(made, /^.{14}7.{4}[89ab]/, 'version and variant')
  t.match(uuidv7(new Date(1)), /^00000000-0001-7/, 'a time of few digits')
  t.equal(new Set(Array.from({ length: 1_000 }, () => uuidv7())).size, 1_000)
})
