import { Type } from 'typebox'
import { ACT_SHAPES } from '../../directory/drafts/act-shapes.ts'
import { MOST_ITEMS } from '../../directory/drafts/read-content.ts'
import {
  DRAFT_KINDS,
  DRAFT_STATES,
  type Draft,
  type DraftKind,
  type DraftState,
  type DraftSummary,
} from '../../domain/draft.ts'
import { DateTime, Instant, Line, Nullable, NullableDateTime, Uuid } from '../schemas/common.ts'
import { FaultSchema } from '../schemas/problem.ts'

/** A draft of twenty thousand acts, which are some hundreds of bytes each. */
export const DRAFT_BYTES = 16 * 1024 * 1024

export const DraftParam = Type.Object({ id: Uuid })
export const DraftKindId = Type.Enum(Object.keys(DRAFT_KINDS) as DraftKind[])
export const DraftStateId = Type.Enum(Object.keys(DRAFT_STATES) as DraftState[])

const fieldsOf = (properties: object, required: readonly string[]): string =>
  Object.keys(properties)
    .filter((field) => field !== 'act')
    .map((field) => (required.includes(field) ? field : `${field}?`))
    .join(', ')

const ACTS = Object.entries(ACT_SHAPES).map(
  ([act, { properties, required }]) => `\`${act}\` (${fieldsOf(properties, required ?? [])})`,
)

/** What drafts are made of, told in words: each item is checked by the shape of the act that it names. */
export const Content = Type.Array(Type.Unknown(), {
  description: `Of a directory draft: acts, carried out one after the other, each with its name in \`act\`: ${ACTS.join('; ')}. At most ${MOST_ITEMS.directory}. Of a routing draft: every rule of the table in its order, as \`GET /routing-table\` gives them. At most ${MOST_ITEMS.routing}.`,
})

export const Title = Line(500, {
  description: 'What is changed and by which legal act, for whoever approves',
})
export const EffectiveAt = Nullable(Instant)

const ConflictSchema = Type.Object({
  base: Type.Integer({ description: 'The revision that the draft was made from' }),
  live: Type.Integer({ description: 'The latest approved revision' }),
  subjects: Type.Array(Type.String(), { description: 'Codes that others changed since' }),
})

const SUMMARY = {
  id: Uuid,
  kind: DraftKindId,
  title: Type.String(),
  version: Type.Integer({ description: 'Raised by every edit; also the ETag' }),
  contentSha256: Type.String({ description: 'Of the content as JSON with the members of objects sorted' }),
  base: Type.Integer({ description: 'The revision that it was made from' }),
  state: DraftStateId,
  effectiveAt: NullableDateTime,
  authors: Type.Array(Type.String(), { description: 'Everybody who wrote any version' }),
  approvers: Type.Array(Type.String()),
  reverts: Nullable(Type.Integer({ description: 'The revision that it takes back' })),
  conflict: Nullable(ConflictSchema),
  revision: Nullable(Type.Integer({ description: 'The revision that it became' })),
  createdAt: DateTime,
  changedAt: DateTime,
}

export const DraftSummarySchema = Type.Object({ ...SUMMARY, items: Type.Integer() })

export const DraftSchema = Type.Object({
  ...SUMMARY,
  warnings: Type.Array(FaultSchema),
  content: Type.Array(Type.Unknown()),
})

const lists = ({ authors, approvers, conflict }: Pick<Draft, 'authors' | 'approvers' | 'conflict'>) => ({
  authors: [...authors],
  approvers: [...approvers],
  conflict: conflict && { ...conflict, subjects: [...conflict.subjects] },
})

export const presentSummary = (draft: DraftSummary): Type.Static<typeof DraftSummarySchema> => ({
  ...draft,
  ...lists(draft),
})

export const presentDraft = (draft: Draft): Type.Static<typeof DraftSchema> => ({
  ...draft,
  ...lists(draft),
  warnings: [...draft.warnings],
  content: [...draft.content],
})

/** A draft as a list shows it. */
export function summaryOf({ content, warnings: _, ...draft }: Draft): DraftSummary {
  return { ...draft, items: content.length }
}
