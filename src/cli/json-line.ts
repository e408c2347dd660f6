/** What some readers end a line at, and JSON.stringify leaves as it is. */
const LINE_ENDS = /[\x7f-\x9f\u2028\u2029]/g

/** A value as one line of JSON, for every reader's notion of a line. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(LINE_ENDS, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
