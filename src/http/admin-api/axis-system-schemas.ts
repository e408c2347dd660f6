import { type Static, Type } from 'typebox'
import { listAxisSecrets } from '../../db/axis-secrets.ts'
import { findAxisSystem, type StoredAxisSystem } from '../../db/axis-systems.ts'
import type { Pool } from '../../db/pool.ts'
import { LONGEST_TOLERANCE_SECONDS, MOST_NETWORKS, MOST_SERVED } from '../../directory/axis-systems-check.ts'
import { presentSystem } from '../../directory/axis-systems-grant.ts'
import {
  AXIS_RIGHTS,
  type AxisReach,
  type AxisRight,
  type ServedAgency,
} from '../../domain/axis/axis-system.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import { GatewayError } from '../../domain/problem.ts'
import { Code, DateTime, Nullable, NullableDateTime } from '../schemas/common.ts'
import { ClientId } from './client-schemas.ts'

export const SystemParam = Type.Object({ systemId: ClientId })

const RightId = Type.Enum(Object.keys(AXIS_RIGHTS) as AxisRight[], {
  description: Object.entries(AXIS_RIGHTS)
    .map(([right, { vi, en }]) => `\`${right}\`: ${en} / ${vi}`)
    .join('; '),
})

const Served = Type.Object(
  {
    code: Code,
    withBeneath: Type.Optional(
      Type.Boolean({
        description:
          'Also everybody who stands beneath it on the day; false where left out / cả các đơn vị trực thuộc',
      }),
    ),
  },
  { additionalProperties: false },
)

/** What may be said of a system when it is created and afterwards. */
export const SETTINGS = {
  serves: Type.Array(Served, {
    maxItems: MOST_SERVED,
    description:
      'For whom it sends and receives, its own agency among them / các cơ quan mà hệ thống phục vụ',
  }),
  rights: Type.Array(RightId, { maxItems: 10, uniqueItems: true }),
  networks: Type.Array(Type.String({ minLength: 2, maxLength: 50 }), {
    maxItems: MOST_NETWORKS,
    description: 'Networks (CIDR) that it calls from; empty: any / các mạng mà hệ thống gọi từ đó',
  }),
  certificateSha256: Nullable(
    Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'SHA-256 of the DER of the TLS client certificate that it must show; null: none',
    }),
  ),
  clockToleranceSeconds: Type.Integer({
    minimum: 1,
    maximum: LONGEST_TOLERANCE_SECONDS,
    description: 'By which the time in its headers may differ from the clock here; a day where left out',
  }),
}

export const servedOf = (given: readonly Static<typeof Served>[]): ServedAgency[] =>
  given.map(({ code, withBeneath = false }) => ({ code: agencyCode(code), withBeneath }))

const Reach = {
  serves: Type.Array(Type.Object({ code: Type.String(), withBeneath: Type.Boolean() })),
  rights: Type.Array(Type.String()),
  networks: Type.Array(Type.String()),
  certificateSha256: Nullable(Type.String()),
}

export const AxisSystemSchema = Type.Object({
  systemId: Type.String(),
  name: Type.String(),
  agency: Type.String(),
  ...Reach,
  clockToleranceSeconds: Type.Integer(),
  revokedAt: NullableDateTime,
  proposal: Nullable(
    Type.Object({
      ...Reach,
      proposedBy: Type.String(),
      proposedAt: DateTime,
      sha256: Type.String({ description: 'What a confirmation names' }),
    }),
  ),
})

export const AxisSystemDetail = Type.Object({
  ...AxisSystemSchema.properties,
  secrets: Type.Array(Type.Object({ createdAt: DateTime, expiresAt: NullableDateTime }), {
    description: 'Those that work now, the newest first; never what they are',
  }),
})

const copyOf = <T extends AxisReach>({ serves, rights, networks, ...others }: T) => ({
  ...others,
  serves: [...serves],
  rights: [...rights],
  networks: [...networks],
})

export const presentAxisSystem = (stored: StoredAxisSystem) => {
  const { proposal, ...system } = presentSystem(stored)
  return { ...copyOf(system), proposal: proposal && copyOf(proposal) }
}

/** @throws GatewayError `not-found` */
export async function systemDetail(pool: Pool, systemId: string) {
  const [stored, secrets] = await Promise.all([
    findAxisSystem(pool, systemId),
    listAxisSecrets(pool, systemId),
  ])
  if (stored === undefined) throw new GatewayError('not-found')
  return {
    ...presentAxisSystem(stored),
    secrets: secrets.map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
  }
}

export const noAxisSecrets = (): GatewayError =>
  new GatewayError('delivery-state-conflict', {
    detail: {
      vi: 'Trục này chưa được cấu hình để giữ bí mật của các hệ thống (TRAM_AXIS_SECRETS).',
      en: 'This gateway is not configured to keep secrets of systems (TRAM_AXIS_SECRETS).',
    },
  })
