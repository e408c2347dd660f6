import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { GatewayError, PROBLEMS, type ProblemCode, type ProblemRow } from '../domain/problem.ts'

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code)

/** GET /problems/:code: what a problem means and what to do, for people (HTML) and for programs (JSON). */
export async function problemPages(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { code: string } }>(
    '/problems/:code',
    { schema: { params: Type.Object({ code: Type.String() }) } },
    (request, reply) => {
      const { code } = request.params
      if (!isProblemCode(code)) throw new GatewayError('not-found')
      const row: ProblemRow = PROBLEMS[code]
      reply.header('cache-control', 'public, max-age=3600').header('vary', 'accept')
      if (!prefersHtml(request.headers.accept)) return reply.send({ code, ...row })
      return reply.type('text/html; charset=utf-8').send(page(code, row))
    },
  )
}

const prefersHtml = (accept = ''): boolean => accept.includes('text/html')

// Every text comes from the table of problems: nothing of the request is shown.
const page = (code: ProblemCode, { status, retryable, title, advice }: ProblemRow): string => `<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${code}</title>
<h1>${escaped(title.vi)}</h1>
<p>${escaped(advice.vi)}</p>
<section lang="en">
<h2>${escaped(title.en)}</h2>
<p>${escaped(advice.en)}</p>
</section>
<p><code>${code}</code> · HTTP ${status} · ${retryable ? 'có thể gửi lại / retryable' : 'không gửi lại nguyên trạng / not retryable'}</p>
</html>
`

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
