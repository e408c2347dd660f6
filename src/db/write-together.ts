import { createHash } from 'node:crypto'
import type { Transaction } from './pool.ts'

/** Rows to be written, as one statement or as part of one. */
export interface Writing {
  /** Names the text: the same name always has the same text. */
  readonly name: string
  /** An INSERT without CTEs of its own, and without a look at what others of the same statement write. */
  readonly text: string
  readonly values: readonly unknown[]
}

interface Prepared {
  readonly name: string
  readonly text: string
}

const prepared = new Map<string, Prepared>()

/**
 * Writes rows of several tables in one statement: one message, one answer, one plan. Foreign keys among them hold, for
 * they are looked at when it ends. Returns how many rows each of them wrote.
 */
export async function writeTogether(db: Transaction, writings: readonly Writing[]): Promise<number[]> {
  if (writings.length === 0) return []
  const { rows } = await db.query<{ counts: number[] }>({
    ...prepare(writings),
    values: writings.flatMap(({ values }) => values),
  })
  return rows[0]!.counts
}

function prepare(writings: readonly Writing[]): Prepared {
  const names = writings.map(({ name }) => name).join('+')
  const known = prepared.get(names)
  if (known !== undefined) return known
  let before = 0
  const parts = writings.map(({ text, values }, index) => {
    const shifted = text.replace(/\$(\d+)/g, (_, number: string) => `$${Number(number) + before}`)
    before += values.length
    return `written_${index} as (${shifted} returning 1)`
  })
  const counts = writings.map((_, index) => `(select count(*) from written_${index})::integer`)
  const text = `with ${parts.join(', ')} select array[${counts.join(', ')}] as counts`
  // PostgreSQL knows 63 characters of a name.
  const name = `write-${createHash('sha256').update(names).digest('hex').slice(0, 16)}`
  const made = { name, text }
  prepared.set(names, made)
  return made
}
