import { type Static, Type } from 'typebox'
import { pushPublicKey } from '../../context.ts'
import { actingAgency } from '../../directory/acting-agency.ts'
import { getEndpoint as read, removeEndpoint, setEndpoint } from '../../directory/endpoints.ts'
import type { Endpoint } from '../../domain/agency.ts'
import { EndpointChannelSchema, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { type Operation, TAGS } from './operation.ts'

const EndpointSchema = Type.Object({
  agency: Type.String(),
  channel: EndpointChannelSchema,
  url: Nullable(Type.String()),
  paused: Type.Boolean({ description: "Held back by the gateway's operators; nothing is lost meanwhile" }),
})

const EndpointBody = Type.Object(
  {
    channel: EndpointChannelSchema,
    url: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 2_000 }))),
  },
  { additionalProperties: false },
)

const present = ({ agency, channel, url, paused }: Endpoint): Static<typeof EndpointSchema> => ({
  agency,
  channel,
  url,
  paused,
})

export const getEndpoint: Operation = (app, { context }) => {
  app.get(
    '/endpoint',
    {
      schema: {
        operationId: 'getEndpoint',
        tags: [TAGS.endpoint],
        summary: 'How the agency is told of what has come',
        response: { 200: EndpointSchema, ...problemResponses() },
      },
    },
    async ({ caller }) => present(await read(context, await actingAgency(context, caller, undefined))),
  )
}

export const putEndpoint: Operation = (app, { context }) => {
  app.put(
    '/endpoint',
    {
      schema: {
        operationId: 'putEndpoint',
        tags: [TAGS.endpoint],
        summary: 'Have notices pushed to a URL (Standard Webhooks), or go back to the mailbox',
        description:
          'Đăng ký địa chỉ nhận tin báo. A notice holds no content: documents are always fetched here.',
        body: EndpointBody,
        response: { 200: EndpointSchema, ...problemResponses() },
      },
    },
    async ({ caller, body }) => {
      const agency = await actingAgency(context, caller, undefined)
      const choice = { channel: body.channel, url: body.url ?? null }
      const { allowHttp } = context.config.push
      return present(await setEndpoint(context, caller.clientId, agency, choice, allowHttp))
    },
  )
}

export const deleteEndpoint: Operation = (app, { context }) => {
  app.delete(
    '/endpoint',
    {
      schema: {
        operationId: 'deleteEndpoint',
        tags: [TAGS.endpoint],
        summary: 'Go back to the mailbox',
        response: { 204: Type.Null({ description: 'Done' }), ...problemResponses() },
      },
    },
    async ({ caller }, reply) => {
      const agency = await actingAgency(context, caller, undefined)
      await removeEndpoint(context, caller.clientId, agency)
      return reply.code(204).send(null)
    },
  )
}

export const listWebhookKeys: Operation = (app, { context }) => {
  const Key = Type.Object({
    key: Type.String({ description: 'whpk_…, as the libraries of Standard Webhooks take it' }),
    algorithm: Type.String(),
  })
  app.get(
    '/webhook-keys',
    {
      schema: {
        operationId: 'listWebhookKeys',
        tags: [TAGS.endpoint],
        summary: 'The public keys by which notices are verified',
        response: {
          200: Type.Object({ items: Type.Array(Key), nextCursor: Type.Null() }),
          ...problemResponses(),
        },
      },
    },
    async () => ({
      items: [{ key: pushPublicKey(context.config), algorithm: 'ed25519' }],
      nextCursor: null,
    }),
  )
}
