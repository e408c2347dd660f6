import { Type } from 'typebox'
import type { DirectoryRevision } from '../../db/directory-facts.ts'
import type { AgencyEntry } from '../../directory/snapshot/agency-entry.ts'
import { isOpenOn } from '../../domain/agency.ts'
import { FACT_KIND_IDS, type Fact } from '../../domain/directory/fact.ts'
import { Code, DateTime, Day, Nullable } from '../schemas/common.ts'

export const CodeParam = Type.Object({ code: Code })

const Alias = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\s\\p{C}]+$' })

export const SpellingParam = Type.Object({ code: Alias })

/** Query field of whatever can be looked at as of a day. */
export const ON = {
  on: Type.Optional({
    ...Day,
    description: 'The day to look at, yyyy-MM-dd, Vietnam time; today where left out',
  }),
}

const AnyDay = Type.String({ format: 'date' })

export const AGENCY = {
  code: Type.String(),
  name: Type.String(),
  tier: Type.String(),
  parent: Nullable(Type.String()),
  open: Type.Boolean({ description: 'Whether it is open on that day' }),
  validFrom: AnyDay,
  validTo: Nullable(Type.String({ format: 'date', description: 'First day after its end' })),
  successor: Nullable(Type.String({ description: 'Who takes over whatever has no other heir' })),
  aliases: Type.Array(Type.String()),
  revision: Type.Integer({ description: 'The latest revision of the directory that said anything of it' }),
}

export const AgencySchema = Type.Object(AGENCY)

export const presentAgency =
  (day: string) =>
  (agency: AgencyEntry): Type.Static<typeof AgencySchema> => ({
    ...agency,
    open: isOpenOn(agency, day),
    aliases: [...agency.aliases],
  })

export const FactSchema = Type.Object({
  id: Type.Integer(),
  subject: Type.String(),
  kind: Type.Enum([...FACT_KIND_IDS]),
  value: Type.Unsafe<object>({ type: 'object', additionalProperties: true }),
  validFrom: AnyDay,
  validTo: Nullable(AnyDay),
  assertedIn: Type.Integer({ description: 'The revision that said it' }),
  retractedIn: Nullable(Type.Integer({ description: 'The revision that took it back' })),
})

export const presentFact = (fact: Fact): Type.Static<typeof FactSchema> => fact

export const RevisionSchema = Type.Object({
  number: Type.Integer(),
  author: Type.String(),
  reason: Type.String(),
  draft: Nullable(
    Type.String({
      description: 'The draft that it was; null where an agency spoke for itself, or a gateway was filled',
    }),
  ),
  recordedAt: DateTime,
})

export const presentRevision = (revision: DirectoryRevision): Type.Static<typeof RevisionSchema> => revision
