import type { Fault } from '../fault.ts'
import { f1Kills } from './f1-kills.ts'
import { f3PostgresDown } from './f3-postgres-down.ts'

/** Every kind of fault, by its id in docs/failure-modes.md. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  F1: f1Kills,
  F3: f3PostgresDown,
}
