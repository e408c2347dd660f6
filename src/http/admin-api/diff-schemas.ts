import { Type } from 'typebox'
import type { DraftDiff } from '../../directory/drafts/diff-draft.ts'
import type { RulesDiff } from '../../directory/drafts/diff-rules.ts'
import { RULE_SHAPE } from '../../directory/drafts/rule-shape.ts'
import { FACT_KIND_IDS } from '../../domain/directory/fact.ts'
import { Nullable, Text } from '../schemas/common.ts'
import { FaultSchema } from '../schemas/problem.ts'

const Place = Type.Integer({ description: 'Counted from 1' })
const Said = Type.Unknown({ description: 'Left out where nothing was, or is, said' })

export const RulesDiffSchema = Type.Unsafe<RulesDiff>(
  Type.Object({
    added: Type.Array(Type.Object({ rule: RULE_SHAPE, place: Place })),
    removed: Type.Array(Type.Object({ rule: RULE_SHAPE, place: Place })),
    changed: Type.Array(
      Type.Object({
        id: Type.String(),
        place: Place,
        fields: Type.Array(
          Type.Object({ field: Type.String(), before: Type.Optional(Said), after: Type.Optional(Said) }),
        ),
      }),
    ),
    moved: Type.Array(Type.Object({ id: Type.String(), from: Place, to: Place })),
    unchanged: Type.Integer(),
  }),
)

export const ChangeSchema = Type.Object({
  subject: Type.String({ description: 'Code of the agency or the group' }),
  kind: Type.Enum([...FACT_KIND_IDS]),
  from: Type.String({ format: 'date', description: 'First day on which it is otherwise' }),
  to: Nullable(Type.String({ format: 'date', description: 'First day after; null: for good' })),
  before: Type.Optional(Said),
  after: Type.Optional(Said),
  name: Type.String({ description: 'As it is called on the first day' }),
  text: Text,
})

export const DiffSchema = Type.Unsafe<DraftDiff>(
  Type.Object({
    rules: Nullable(RulesDiffSchema),
    changes: Nullable(Type.Array(ChangeSchema, { description: 'What the directory will say otherwise' })),
    faults: Type.Array(FaultSchema, { description: 'What refuses the draft, and what is told of it' }),
    text: Type.Array(Text, { description: 'The same for people, a line each' }),
  }),
)
