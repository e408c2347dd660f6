import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Role } from '../../domain/caller.ts'
import { DOOR_PREFIXES } from '../auth/audience.ts'
import { ProblemSchema } from '../schemas/problem.ts'
import { validatorCompiler } from '../validator.ts'
import { DESCRIPTIONS } from './descriptions.ts'

/**
 * Gives a door its OpenAPI 3.1 document, at `openapi.json` below its prefix, open to everybody, and the `Problem`
 * schema to which `problemResponses` refers. A door calls this before it adds its routes; nothing else is needed.
 */
export async function registerOpenApi(app: FastifyInstance, role: Role): Promise<void> {
  const { title, description } = DESCRIPTIONS[role]
  app.addSchema(ProblemSchema)
  // A plugin that adds a schema gets Fastify's own validator again, which strips and coerces bodies.
  app.setValidatorCompiler(validatorCompiler)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, description, version: '1' },
      servers: [{ url: '/' }],
      security: [{ accessToken: [] }],
      components: {
        securitySchemes: {
          accessToken: {
            type: 'oauth2',
            description: `Access token for ${DOOR_PREFIXES[role]}; may be bound to a TLS client certificate (RFC 8705).`,
            flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes: {} } },
          },
        },
      },
    },
    convertConstToEnum: false,
    refResolver: { buildLocalReference: (json, _uri, _fragment, i) => String(json.$id ?? `def-${i}`) },
  })
  app.get('/openapi.json', { schema: { hide: true }, config: { withoutToken: true } }, (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
