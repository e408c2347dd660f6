import { Type } from 'typebox'
import { createClient as create } from '../../directory/clients.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Code, Line, Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { ClientId, ClientSchema, presentClient, RoleId } from './client-schemas.ts'

const NewClient = Type.Object(
  {
    clientId: ClientId,
    role: RoleId,
    agency: Type.Optional(Nullable(Code)),
    name: Line(200),
    withSecret: Type.Optional(
      Type.Boolean({ description: 'False where it is to prove itself by keys alone; true where left out' }),
    ),
  },
  { additionalProperties: false },
)

const Created = Type.Object({
  client: ClientSchema,
  secret: Nullable(Type.String({ description: 'Shown this once: only its digest is kept' })),
})

export const createClient: Operation = (app, { pool }) => {
  app.post(
    '/clients',
    {
      schema: {
        operationId: 'createClient',
        summary: 'Add a client; its secret is shown this once',
        tags: ['clients'],
        body: NewClient,
        response: { 201: Created, ...problemResponses('already-exists') },
      },
    },
    async ({ body, caller }, reply) => {
      const { withSecret, ...client } = body
      const agency = client.agency == null ? null : agencyCode(client.agency)
      const created = await create(pool, { ...client, agency }, caller.clientId, { withSecret })
      return reply
        .status(201)
        .header('cache-control', 'no-store')
        .send({ client: presentClient(created.client), secret: created.secret })
    },
  )
}
