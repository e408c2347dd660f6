import { readFile } from 'node:fs/promises'
import { fastify } from 'fastify'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { holdsUnion, lazySerializers, withNullableFields } from '../../../src/http/serializers.ts'

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

const maybe = (schema: object) => ({ anyOf: [schema, { type: 'null' }] })
const serialize = (schema: object) => lazySerializers()({}, {})({ ...route, schema })

t.test('a field that may be null is written as it is, and no validator is asked', async (t) => {
  const schema = {
    type: 'object',
    properties: {
      text: maybe({ type: 'string', description: 'x' }),
      at: maybe({ type: 'string', format: 'date-time' }),
      one: maybe({ enum: ['a', 'b'] }),
      list: maybe({ type: 'array', items: maybe({ type: 'integer' }) }),
      of: maybe({ type: 'object', properties: { code: maybe({ type: 'string' }) } }),
    },
  }
  const answer = {
    text: '"ấy"',
    at: '2026-11-21T08:00:00.000Z',
    one: 'a',
    list: [1, null],
    of: { code: null },
  }
  const nothing = { text: null, at: null, one: null, list: null, of: null }
  const write = serialize(schema)
  for (const value of [answer, nothing]) t.same(JSON.parse(write(value)), value)
  t.same(JSON.parse(write({ ...answer, of: { code: 'H81', secret: 'x' } })).of, { code: 'H81' })
  t.notMatch(JSON.stringify(withNullableFields(schema)), 'anyOf')
})

t.test('a union of more than null and one kind stays a union', async (t) => {
  const either = { anyOf: [{ type: 'string' }, { type: 'object', properties: { code: { type: 'string' } } }] }
  t.same(withNullableFields(either), either)
  t.same(withNullableFields(maybe(either)), maybe(either))
  const write = serialize({ type: 'object', properties: { of: maybe(either) } })
  for (const one of [null, 'H81', { code: 'H81' }]) t.same(JSON.parse(write({ of: one })), { of: one })
  const beside = serialize({
    type: 'object',
    properties: { of: maybe(either), one: maybe({ enum: ['a'] }), at: maybe({ type: 'string' }) },
  })
  const value = { of: { code: 'H81' }, one: null, at: null }
  t.same(JSON.parse(beside(value)), value, 'and what may be null beside it is written')
})

for (const door of ['agency', 'admin', 'auditor'])
  t.test(
    `${door}: every answer is written without a validator, every request has one that compiles`,
    async (t) => {
      const file = new URL(`../../../schemas/openapi/${door}.json`, import.meta.url)
      const { paths, components } = JSON.parse(await readFile(file, 'utf8'))
      const answers: unknown[] = Object.values(components.schemas)
      for (const operation of Object.values(paths).flatMap((path) => Object.values(path as object))) {
        const { parameters = [], requestBody, responses } = operation
        for (const { schema } of [...parameters, ...Object.values(requestBody?.content ?? {})])
          t.ok(Compile(schema), operation.operationId)
        for (const { content = {} } of Object.values<{ content?: Record<string, { schema: unknown }> }>(
          responses,
        ))
          for (const { schema } of Object.values(content)) answers.push(schema)
      }
      t.ok(answers.length > 20)
      t.same(answers.map(withNullableFields).filter(holdsUnion), [])
    },
  )
