import { fastify } from 'fastify'
import t from 'tap'
import { addSecurityHeaders } from '../../../src/http/security-headers.ts'

const HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none';base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
}

t.test('every answer carries them, and a route may be stricter', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  addSecurityHeaders(app)
  app.get('/fine', async () => 'fine')
  app.get('/broken', async () => {
    throw new Error('broken')
  })
  app.get('/stricter', (_request, reply) => reply.header('content-security-policy', 'sandbox').send('x'))
  for (const [path, status] of [
    ['/fine', 200],
    ['/broken', 500],
    ['/nowhere', 404],
  ] as const) {
    const { statusCode, headers } = await app.inject(path)
    t.equal(statusCode, status)
    t.match(headers, HEADERS, path)
  }
  const { headers } = await app.inject('/stricter')
  t.match(headers, { ...HEADERS, 'content-security-policy': 'sandbox' })
})
