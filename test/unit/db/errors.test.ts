import t from 'tap'
import { databaseError } from '../../../src/db/errors.ts'
import { GatewayError } from '../../../src/domain/problem.ts'

const failure = (code: string) => Object.assign(new Error('of the server'), { code })

/** By SQLSTATE, or by the code of a socket. */
const MEANS: Readonly<Record<string, string>> = {
  '53100': 'storage-full',
  '53300': 'database-unavailable',
  '57P01': 'database-unavailable',
  '08006': 'database-unavailable',
  '40001': 'database-unavailable',
  ECONNREFUSED: 'database-unavailable',
}

t.test('what means "not now" is told as that, and when to ask again', async (t) => {
  for (const [code, problem] of Object.entries(MEANS)) {
    const told = databaseError(failure(code))
    t.match(told, { code: problem, retryAfter: Number, cause: { code } }, code)
  }
})

t.test('whatever else fails passes as it is', async (t) => {
  const unique = failure('23505')
  t.equal(databaseError(unique), unique)
  const known = new GatewayError('not-found')
  t.equal(databaseError(known), known)
  t.equal(databaseError('no error'), 'no error')
})
