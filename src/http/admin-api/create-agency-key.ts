import { type Static, Type } from 'typebox'
import { agencyCode } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import { refuseForeignModule } from '../../sealing/permitted-module.ts'
import { type KeyHandover, registerAgencyKey } from '../../sealing/register-key.ts'
import type { Operation } from '../operation.ts'
import { Code } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { AgencyKeySchema, presentAgencyKey } from './agency-key-schemas.ts'

const base64 = (maxLength: number, description: string) =>
  Type.String({ minLength: 4, maxLength, pattern: '^[A-Za-z0-9+/]+={0,2}$', description })
const strict = { additionalProperties: false } as const

const NewAgencyKey = Type.Object(
  {
    agency: Code,
    key: Type.Union([
      Type.Object(
        {
          kind: Type.Literal('pkcs12'),
          file: base64(300_000, 'PKCS#12 in base64'),
          passphrase: Type.String({ maxLength: 1000 }),
        },
        strict,
      ),
      Type.Object(
        {
          kind: Type.Literal('token'),
          uri: Type.String({ maxLength: 2000, pattern: '^pkcs11:', description: 'RFC 7512' }),
          pin: Type.Optional(Type.String({ maxLength: 255 })),
          chain: Type.Optional(Type.String({ maxLength: 100_000, description: 'PEM; else as in the token' })),
        },
        strict,
      ),
    ]),
    seal: Type.Optional(
      Type.Object(
        {
          image: base64(1_400_000, 'PNG in base64: the seal in red on a transparent background'),
          widthMm: Type.Number({ minimum: 10, maximum: 80, description: 'As the seal itself is wide' }),
        },
        strict,
      ),
    ),
    confirmName: Type.Optional(
      Type.Boolean({
        description:
          "The seal is the agency's although its certificate names another than the directory does. Put on record.",
      }),
    ),
  },
  strict,
)

const bytes = (text: string): Buffer => Buffer.from(text, 'base64')

function handoverOf(key: Static<typeof NewAgencyKey>['key']): KeyHandover {
  if (key.kind === 'pkcs12') return { kind: 'pkcs12', file: bytes(key.file), passphrase: key.passphrase }
  const { kind, uri, pin, chain } = key
  return {
    kind,
    uri,
    ...(pin !== undefined && { pin }),
    ...(chain !== undefined && { chain: Buffer.from(chain) }),
  }
}

export const createAgencyKey: Operation = (app, { pool, agencySecrets, trust, config }) => {
  app.post(
    '/agency-keys',
    {
      bodyLimit: 2 * 1024 * 1024,
      schema: {
        operationId: 'createAgencyKey',
        summary: 'Keep the seal key of an agency, with the image of its seal',
        tags: ['agency keys'],
        body: NewAgencyKey,
        response: {
          201: AgencyKeySchema,
          ...problemResponses(
            'already-exists',
            'pdf-unsealable',
            'agency-key-missing',
            'agency-key-name-differs',
          ),
        },
      },
    },
    async ({ body, caller }, reply) => {
      if (agencySecrets === null) throw noSecret()
      if (body.key.kind === 'token') refuseForeignModule(body.key.uri, config.agencyKeysModules)
      const record = await registerAgencyKey(
        { pool, box: agencySecrets, trust },
        {
          agency: agencyCode(body.agency),
          handover: handoverOf(body.key),
          ...(body.seal && { seal: { image: bytes(body.seal.image), widthMm: body.seal.widthMm } }),
          ...(body.confirmName !== undefined && { confirmName: body.confirmName }),
        },
        caller.clientId,
      )
      return reply.status(201).send(presentAgencyKey(record))
    },
  )
}

const noSecret = (): GatewayError =>
  new GatewayError('agency-key-missing', {
    detail: {
      vi: 'Trục này chưa được cấu hình để giữ khóa của cơ quan (TRAM_AGENCY_KEYS_SECRET).',
      en: 'This gateway is not configured to keep keys of agencies (TRAM_AGENCY_KEYS_SECRET).',
    },
  })
