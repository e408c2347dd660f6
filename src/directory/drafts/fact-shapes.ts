import { type TSchema, Type } from 'typebox'
import { ENDPOINT_CHANNEL_IDS } from '../../domain/channel-id.ts'
import { FACT_KIND_IDS, type FactKind } from '../../domain/directory/fact.ts'
import { SUCCESSION_ACTS, type SuccessionAct } from '../../domain/directory/succession.ts'
import {
  alias,
  code,
  day,
  documentType,
  hash,
  line,
  nullable,
  optional,
  strict,
  tier,
  url,
} from './shape-parts.ts'

export const aliasForm = Type.Enum(['qcvn-13', 'code102', 'free'])
export const whenAddressed = Type.Enum(['redirect', 'bounce'])
export const whenInFlight = Type.Enum(['redirect', 'keep', 'bounce'])

export const contact = strict({
  role: line(100),
  name: nullable(line(200)),
  phone: nullable(line(100)),
  email: nullable(line(254)),
  address: nullable(line(500)),
})

export const endpoint = strict({
  channel: Type.Enum([...ENDPOINT_CHANNEL_IDS]),
  url: nullable(url),
  reaches: Type.Enum(['itself', 'subtree']),
})

export const certificate = strict({
  sha256: hash,
  der: Type.String({ minLength: 4, maxLength: 20_000, pattern: '^[A-Za-z0-9+/]+={0,2}$' }),
})

export const heirs = Type.Array(
  strict({ code, documentTypes: optional(Type.Array(documentType, { minItems: 1, maxItems: 100 })) }),
  { maxItems: 200 },
)

export const basis = optional(nullable(line(200)))

export const groupMembers = Type.Union([
  strict({ codes: Type.Array(code, { minItems: 1, maxItems: 20_000 }) }),
  strict({ tier: optional(tier), under: optional(code), parent: optional(nullable(code)) }),
])

/** What a fact of each kind holds. */
const VALUES: Record<FactKind, TSchema> = {
  existence: strict({}),
  name: strict({ name: line(500) }),
  placement: strict({ tier, parent: nullable(code) }),
  alias: strict({ alias, form: aliasForm }),
  contact,
  endpoint,
  certificate,
  succession: strict({
    act: Type.Enum(Object.keys(SUCCESSION_ACTS) as SuccessionAct[]),
    heirs,
    main: nullable(code),
    whenAddressed,
    whenInFlight,
    basis: nullable(line(200)),
    children: optional(Type.Literal('stay')),
  }),
  group: strict({ name: line(500), members: groupMembers }),
}

/** A fact that is said, of any kind. */
export const newFact = Type.Union(
  FACT_KIND_IDS.map((kind) =>
    strict({
      subject: code,
      kind: Type.Literal(kind),
      value: VALUES[kind],
      validFrom: day,
      validTo: nullable(day),
    }),
  ),
)
