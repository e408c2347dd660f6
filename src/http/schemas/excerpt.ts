import { Type } from 'typebox'
import { LIST_TEXT_LENGTH } from '../../db/list-text.ts'
import { Nullable } from './common.ts'

/** A text of a packet as lists tell it: its sender chose how long it is. */
export const Excerpt = Nullable(
  Type.String({
    description: `At most ${LIST_TEXT_LENGTH} characters: one that is longer ends in "…", and stands whole in the document's own facts`,
  }),
)

/** Cuts a text to what lists tell, between two characters. */
export function excerpt(text: string | null): string | null {
  if (text === null || text.length <= LIST_TEXT_LENGTH) return text
  const characters = Array.from(text.slice(0, 2 * LIST_TEXT_LENGTH + 2))
  if (characters.length <= LIST_TEXT_LENGTH) return text
  return `${characters.slice(0, LIST_TEXT_LENGTH - 1).join('')}…`
}
