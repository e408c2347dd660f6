import { Type } from 'typebox'
import type { AgencyRecord } from '../../db/agencies.ts'
import type { AgencyDraft } from '../../directory/agencies.ts'
import { agencyCode } from '../../domain/identifiers.ts'
import { Code, Day, Line, Nullable, Tier } from '../schemas/common.ts'

export const CodeParam = Type.Object({ code: Code })

const Alias = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\s\\p{C}]+$' })

export const SpellingParam = Type.Object({ code: Alias })

const FACTS = {
  name: Line(500),
  tier: Tier,
  parent: Nullable(Code),
  validFrom: Day,
  validTo: Nullable(Day),
  successor: Nullable(Code),
  aliases: Type.Array(Alias, { maxItems: 100 }),
}

/** What is written of an agency, beside its code. */
export const AgencyFacts = Type.Object(FACTS, { additionalProperties: false })
export const NewAgency = Type.Object(
  {
    code: Code,
    name: FACTS.name,
    tier: FACTS.tier,
    validFrom: FACTS.validFrom,
    parent: Type.Optional(FACTS.parent),
    validTo: Type.Optional(FACTS.validTo),
    successor: Type.Optional(FACTS.successor),
    aliases: Type.Optional(FACTS.aliases),
  },
  { additionalProperties: false },
)

export const AgencySchema = Type.Object({
  code: Type.String(),
  name: Type.String(),
  tier: Type.String(),
  parent: Nullable(Type.String()),
  validFrom: Type.String({ format: 'date' }),
  validTo: Nullable(Type.String({ format: 'date', description: 'First day after its end' })),
  successor: Nullable(Type.String()),
  aliases: Type.Array(Type.String()),
  revision: Type.Integer(),
})

/** Left-out facts of a new agency are the plain ones: no parent, no end, no aliases. */
export function draftOf(
  code: string,
  facts: Type.Static<typeof NewAgency> | Type.Static<typeof AgencyFacts>,
): AgencyDraft {
  const orNull = (text: string | null | undefined) => (text == null ? null : agencyCode(text))
  return {
    code: agencyCode(code),
    name: facts.name,
    tier: facts.tier,
    parent: orNull(facts.parent),
    validFrom: facts.validFrom,
    validTo: facts.validTo ?? null,
    successor: orNull(facts.successor),
    aliases: facts.aliases ?? [],
  }
}

export const presentAgency = (agency: AgencyRecord): Type.Static<typeof AgencySchema> => ({
  ...agency,
  aliases: [...agency.aliases],
})
