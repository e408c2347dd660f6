import type { Writing } from './write-together.ts'

/** A table as rows are written to it, whatever their number: one text, one parameter. */
export interface RowsInto<C extends string> {
  /** Names the text: the same name always has the same text. */
  readonly name: string
  readonly table: string
  /** The columns that rows give, with their types in SQL. */
  readonly columns: Readonly<Record<C, string>>
  /** Columns that are worked out of those of the row, which stand under the table's name. */
  readonly derived?: Readonly<Record<string, string>>
  /** Columns that rows give only for others to be worked out of, with their types. */
  readonly given?: Readonly<Record<string, string>>
  /** `on conflict …` */
  readonly onConflict?: string
}

/**
 * Makes the writing of rows into a table. A row has its values by the names of columns: null is NULL, times are ISO 8601,
 * and what is `jsonb` stands in it as it is.
 */
export function rowsInto<C extends string, G extends string = never>(
  into: RowsInto<C> & { readonly given?: Readonly<Record<G, string>> },
): (rows: readonly Readonly<Record<C | G, unknown>>[]) => Writing {
  const { name, table, columns, derived = {}, given = {}, onConflict = '' } = into
  const types = Object.entries<string>({ ...columns, ...given }).map(([column, type]) => `${column} ${type}`)
  const names = [...Object.keys(columns), ...Object.keys(derived)].join(', ')
  const values = [...Object.keys(columns).map((column) => `${table}.${column}`), ...Object.values(derived)]
  const text = `insert into ${table} (${names}) select ${values.join(', ')}
    from jsonb_to_recordset($1) as ${table} (${types.join(', ')}) ${onConflict}`
  return (rows) => ({ name, text, values: [JSON.stringify(rows)] })
}
