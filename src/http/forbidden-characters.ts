import type { preValidationHookHandler } from 'fastify'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'

/** NUL and halves of surrogate pairs are no text: the database can hold neither. */
const FORBIDDEN = /[\0\p{Surrogate}]/u

/**
 * The preValidation hook of the application: refuses text that cannot be kept, wherever it stands in path, query and
 * JSON body, so that no schema has to remember it. Throws GatewayError `request-invalid`.
 */
export const refuseForbiddenCharacters: preValidationHookHandler = (
  { params, query, body },
  _reply,
  done,
) => {
  // The prototypes of the first two are the router's and the query parser's own.
  const parts = { params: { ...(params as object) }, querystring: { ...(query as object) }, body }
  const faults = isForbidden(parts) ? faultsIn(parts, '#') : []
  if (faults.length > 0) done(new GatewayError('request-invalid', { faults: faults.slice(0, 100) }))
  else done()
}

/** Whether there is anything to tell: a draft holds a hundred thousand texts, and paths to them are made only where so. */
function isForbidden(value: unknown): boolean {
  if (typeof value === 'string') return FORBIDDEN.test(value)
  if (Array.isArray(value)) return value.some(isForbidden)
  if (!isPlain(value)) return false
  return Object.keys(value).some((name) => FORBIDDEN.test(name)) || Object.values(value).some(isForbidden)
}

function faultsIn(value: unknown, path: string): Fault[] {
  if (typeof value === 'string') return FORBIDDEN.test(value) ? [characterForbidden(path)] : []
  if (!isPlain(value)) return []
  return Object.entries(value).flatMap(([name, part]) =>
    FORBIDDEN.test(name) ? [characterForbidden(path)] : faultsIn(part, `${path}/${name}`),
  )
}

/** What JSON and query strings are made of; the streams of uploads are not looked into. */
const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (typeof value === 'object' && value !== null && PLAIN.has(Object.getPrototypeOf(value)))

const PLAIN: ReadonlySet<unknown> = new Set([Object.prototype, null])

const characterForbidden = (path: string): Fault => ({
  code: 'character-forbidden',
  severity: 'error',
  path,
  hint: {
    vi: 'Có ký tự NUL hoặc một nửa cặp surrogate, không phải là văn bản.',
    en: 'It holds NUL or half of a surrogate pair, which is no text.',
  },
})
