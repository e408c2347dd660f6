import { Type } from 'typebox'
import type { ApiContext } from '../../context.ts'
import { directoryOn, getAgency } from '../../directory/agencies.ts'
import type { Endpoint } from '../../domain/agency.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import { EndpointChannelSchema, Nullable } from '../schemas/common.ts'

export const EndpointSchema = Type.Object({
  agency: Type.String(),
  channel: EndpointChannelSchema,
  url: Nullable(Type.String()),
  paused: Type.Boolean({ description: 'Its deliveries wait for as long as this holds; nothing is lost' }),
})

export const presentEndpoint = (endpoint: Endpoint): Type.Static<typeof EndpointSchema> => endpoint

/** An agency by its very code: what is changed is never named by an alias. @throws GatewayError `not-found` */
export async function agencyNamed(
  context: Pick<ApiContext, 'pool' | 'registry'>,
  code: string,
): Promise<AgencyCode> {
  const agency = getAgency(await directoryOn(context), code)
  if (agency.code !== code) throw new GatewayError('not-found')
  return agency.code
}
