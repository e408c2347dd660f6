import { fastify } from 'fastify'
import t from 'tap'
import { lazySerializers } from '../../../src/http/serializers.ts'

const ANSWER = {
  type: 'object',
  properties: { number: { type: 'integer' }, of: { $ref: 'agency#' } },
} as const

const route = { method: 'GET', url: '/', httpStatus: '200' }

t.test('a schema is compiled with the first answer, and not before', async (t) => {
  const compile = lazySerializers()({}, {})
  const serialize = compile({ ...route, schema: { type: 'nonsense' } })
  t.throws(() => serialize({}), 'nobody looked at it until now')
})

t.test('answers hold what their schemas name, and nothing else', async (t) => {
  const app = fastify({ schemaController: { compilersFactory: { buildSerializer: lazySerializers() } } })
  t.teardown(() => app.close())
  app.addSchema({ $id: 'agency', type: 'object', properties: { code: { type: 'string' } } })
  app.get('/', { schema: { response: { 200: ANSWER } } }, async () => ({
    number: 4,
    of: { code: 'H81', secret: 'x' },
    secret: 'x',
  }))
  for (let turn = 0; turn < 2; turn += 1)
    t.same((await app.inject('/')).json(), { number: 4, of: { code: 'H81' } })
})
