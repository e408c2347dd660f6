import { readdirSync, readFileSync } from 'node:fs'
import type { Pool } from '../../../src/db/pool.ts'

/** Linux counts processor time in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MS = 10

/** Fields of /proc/PID/stat behind the name, which may hold blanks; the first is the state. */
const fieldsOf = (pid: number): readonly string[] | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const PARENT = 1
const OWN = [11, 12]
const OF_ENDED_CHILDREN = [13, 14]

const sum = (fields: readonly string[] | undefined, places: readonly number[]): number =>
  places.reduce((total, place) => total + Number(fields?.[place] ?? 0), 0) * TICK_MS

/** Milliseconds of processor time that a process has taken. */
export const processorTime = (pid: number): number => sum(fieldsOf(pid), OWN)

/** The process that all of PostgreSQL's are children of. */
export async function postmasterOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid')
  return Number(fieldsOf(rows[0]!.pid)?.[PARENT])
}

/** Milliseconds of processor time of a process, its children, and those of them that have ended. */
export function familyTime(parent: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => fieldsOf(Number(name)))
    .filter((fields) => Number(fields?.[PARENT]) === parent)
  const own = sum(fieldsOf(parent), [...OWN, ...OF_ENDED_CHILDREN])
  return children.reduce((total, fields) => total + sum(fields, OWN), own)
}
