import { type TSchema, Type } from 'typebox'
import { LIMIT_NAMES } from '../../domain/agency-limit.ts'
import { PROBLEMS, type ProblemCode } from '../../domain/problem.ts'

const TextsSchema = Type.Object({
  title: Type.String(),
  detail: Type.Optional(Type.String()),
  advice: Type.String(),
})

export const FaultSchema = Type.Object(
  {
    code: Type.String({ description: 'Stable name of the fault.' }),
    reason: Type.Optional(Type.String({ description: 'Narrows the code where it has several causes.' })),
    severity: Type.Enum(['error', 'warning']),
    path: Type.Optional(
      Type.String({ description: 'XPath for XML, JSON pointer for JSON, cell of a sheet such as B17.' }),
    ),
    line: Type.Optional(Type.Integer({ description: '1-based line of the input.' })),
    found: Type.Optional(Type.String()),
    expected: Type.Optional(Type.String()),
    hint: Type.Object({ vi: Type.String(), en: Type.String() }),
  },
  { description: 'One thing that is wrong, told precisely enough to mend it without asking.' },
)

const LimitSchema = Type.Object(
  {
    name: Type.Enum([...LIMIT_NAMES]),
    agency: Type.String({ description: 'Whose limit it is.' }),
    quota: Type.Integer(),
    remaining: Type.Integer({ description: 'What is left of it.' }),
  },
  { description: 'The limit of an agency that the request met.' },
)

/** A problem document (RFC 9457) as the doors describe it; `replyWithProblem` writes it. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'URL of what this problem means, relative to the server.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String()),
    advice: Type.String({ description: 'What to do about it.' }),
    code: Type.String({ description: 'Stable name of the problem: see /problems/{code}.' }),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later, unchanged.' }),
    traceId: Type.String({ description: 'Name it when you ask the operators.' }),
    errors: Type.Optional(Type.Array(FaultSchema)),
    limit: Type.Optional(LimitSchema),
    texts: Type.Object({ vi: TextsSchema, en: TextsSchema }, { description: 'The same in both languages.' }),
  },
  { $id: 'Problem', description: 'A problem document (RFC 9457).' },
)

/** What every operation of a door may answer beside its own problems. */
const EVERYWHERE: readonly ProblemCode[] = [
  'token-missing',
  'token-invalid',
  'certificate-mismatch',
  'scope-insufficient',
  'request-malformed',
  'request-invalid',
  'rate-limited',
  'internal-error',
  'database-unavailable',
  'shutting-down',
]

/**
 * The problem responses of an operation, by status, to be spread into its `response` schema: those that it names and
 * those of every operation. Needs the `Problem` schema, which `registerOpenApi` adds to the door.
 */
export function problemResponses(...codes: ProblemCode[]): Record<number, TSchema> {
  const byStatus = new Map<number, ProblemCode[]>()
  for (const code of new Set([...codes, ...EVERYWHERE])) {
    const { status } = PROBLEMS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const responses = [...byStatus].map(([status, ones]): [number, TSchema] => [status, responseOf(ones)])
  return Object.fromEntries(responses)
}

const responseOf = (codes: readonly ProblemCode[]): TSchema => ({
  description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title.en}.`).join(' '),
  content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
})
