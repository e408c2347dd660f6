import { Type } from 'typebox'

/** The header by which a change says which revision it was made from. */
export const IfMatch = Type.Object({
  'if-match': Type.String({
    pattern: '^"[1-9]\\d{0,8}"$',
    description: 'The ETag of the answer that the change was made from, such as "3"',
  }),
})

/** The revision in an If-Match header of the form above. */
export const seenRevision = (headers: { readonly 'if-match': string }): number =>
  Number(headers['if-match'].slice(1, -1))

export const entityTag = (revision: number): string => `"${revision}"`
