import type { Bilingual } from '../domain/bilingual.ts'

/** Runs a command with what stands behind its name. Answers the exit code. */
export type Run = (args: string[]) => Promise<number>

export interface Command {
  readonly usage: string
  readonly purpose: Bilingual
  /** Loaded when it is called: `tram edxml validate` needs no database driver. */
  readonly load: () => Promise<Run>
}
