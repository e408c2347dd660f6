/** `0` is `A`, `26` is `AA`. @param column from 0 */
export function columnName(column: number): string {
  let name = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  return name
}

/** `B17`. @param column from 0; @param row from 1 */
export const cellAddress = (column: number, row: number): string => `${columnName(column)}${row}`

/** The place of an address such as `B17`: column from 0, row from 1; undefined for anything else. */
export function parseAddress(address: string): { readonly column: number; readonly row: number } | undefined {
  const found = /^([A-Z]{1,3})([1-9]\d{0,6})$/.exec(address)
  if (found === null) return undefined
  const column = [...found[1]!].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
  return { column, row: Number(found[2]) }
}
