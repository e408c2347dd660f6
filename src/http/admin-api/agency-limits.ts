import { type Static, Type } from 'typebox'
import type { ApiContext } from '../../context.ts'
import { findAgencyLimits } from '../../db/agency-limits.ts'
import { NO_OWN_LIMITS, setAgencyLimits } from '../../directory/agency-limits.ts'
import {
  AGENCY_LIMITS,
  LIMIT_NAMES,
  type LimitName,
  limitsOf,
  type OwnLimits,
} from '../../domain/agency-limit.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { Operation } from '../operation.ts'
import { Nullable } from '../schemas/common.ts'
import { problemResponses } from '../schemas/problem.ts'
import { CodeParam } from './agency-schemas.ts'
import { agencyNamed } from './endpoint-schemas.ts'

const limit = (name: LimitName) =>
  Type.Integer({
    minimum: AGENCY_LIMITS[name].least,
    maximum: AGENCY_LIMITS[name].most,
    description: AGENCY_LIMITS[name].label.en,
  })

const OwnSchema = Type.Object(
  {
    requestsPerMinute: Nullable(limit('requestsPerMinute')),
    concurrentSubmissions: Nullable(limit('concurrentSubmissions')),
    packetBytes: Nullable(limit('packetBytes')),
    storedBytes: Nullable(limit('storedBytes')),
    share: Nullable(limit('share')),
  },
  { description: 'Null: as for all', additionalProperties: false },
)

const InForceSchema = Type.Object({
  requestsPerMinute: limit('requestsPerMinute'),
  concurrentSubmissions: limit('concurrentSubmissions'),
  packetBytes: limit('packetBytes'),
  storedBytes: limit('storedBytes'),
  share: limit('share'),
})

const LimitsSchema = Type.Object({ agency: Type.String(), own: OwnSchema, inForce: InForceSchema })

async function present(context: ApiContext, agency: AgencyCode): Promise<Static<typeof LimitsSchema>> {
  const record: OwnLimits = (await findAgencyLimits(context.pool, agency)) ?? NO_OWN_LIMITS
  const own = Object.fromEntries(LIMIT_NAMES.map((name) => [name, record[name]])) as Record<
    LimitName,
    number | null
  >
  return { agency, own, inForce: limitsOf(context.admission.defaults, own) }
}

/** What one agency may use of the gateway. */
export const getAgencyLimits: Operation = (app, context) => {
  app.get(
    '/agencies/:code/limits',
    {
      schema: {
        operationId: 'getAgencyLimits',
        summary: 'See what an agency may use: values of its own, and those in force',
        tags: ['agencies'],
        params: CodeParam,
        response: { 200: LimitsSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params }) => present(context, await agencyNamed(context, params.code)),
  )
}

export const putAgencyLimits: Operation = (app, context) => {
  app.put(
    '/agencies/:code/limits',
    {
      schema: {
        operationId: 'putAgencyLimits',
        summary:
          'Set what an agency may use: rate, size, storage, concurrency, share; in force within seconds',
        description: 'Hạn mức riêng của một cơ quan; null: như mọi cơ quan khác.',
        tags: ['agencies'],
        params: CodeParam,
        body: OwnSchema,
        response: { 200: LimitsSchema, ...problemResponses('not-found') },
      },
    },
    async ({ params, body, caller }) => {
      const agency = await agencyNamed(context, params.code)
      await setAgencyLimits(context.pool, caller.clientId, agency, body)
      return present(context, agency)
    },
  )
}
