/** Characters of one text that a list tells. */
export const LIST_TEXT_LENGTH = 1_000

/** A text column of a list: one character more than is told, so that the reader sees whether there is more. */
export const listText = (column: string): string => `left(${column}, ${LIST_TEXT_LENGTH + 1})`
