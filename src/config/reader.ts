import { accessSync, constants, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { CONFIG_VARIABLES, type ProcessKind, type VariableName, type VariableRow } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads variables by what they should be, and gathers what is wrong with them instead of stopping at the first. */
export interface Reader {
  readonly faults: string[]
  /** The value, else the default, else an empty text; a variable that this process needs and lacks is a fault. */
  text(name: VariableName): string
  optional(name: VariableName): string | null
  oneOf<T extends string>(name: VariableName, choices: readonly T[]): T
  flag(name: VariableName): boolean
  integer(name: VariableName, least: number, most?: number): number
  list(name: VariableName): string[]
  /** The path of a file or folder that is there; what looks like `elsewhere` is taken as it is. Empty where none is set. */
  path(name: VariableName, elsewhere?: RegExp): string
  /** What stands in the file that the variable names; empty where this process does not read it. */
  file(name: VariableName): string
}

/** Variables that `process` does not read have their default, whatever is set. */
export function environmentReader(process: ProcessKind, environment: Environment): Reader {
  const faults: string[] = []
  const rowOf = (name: VariableName): VariableRow => CONFIG_VARIABLES[name]
  const isUsed = (name: VariableName): boolean => rowOf(name).usedBy.includes(process)
  const text = (name: VariableName): string => {
    const given = isUsed(name) ? environment[name] : undefined
    if (given !== undefined && given !== '') return given
    const row = rowOf(name)
    if (row.default === undefined && isUsed(name)) faults.push(`${name} is missing (${row.purpose})`)
    return row.default ?? ''
  }
  const oneOf = <T extends string>(name: VariableName, choices: readonly T[]): T => {
    const given = text(name)
    const choice = choices.find((each) => each === given)
    if (choice === undefined) faults.push(`${name} must be one of ${choices.join(', ')}`)
    return choice ?? choices[0]!
  }
  return {
    faults,
    text,
    oneOf,
    optional: (name) => text(name) || null,
    flag: (name) => oneOf(name, ['false', 'true']) === 'true',
    integer(name, least, most = Number.MAX_SAFE_INTEGER) {
      const value = Number(text(name))
      const fits = Number.isSafeInteger(value) && value >= least && value <= most
      const limits = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`
      if (!fits) faults.push(`${name} must be a whole number of ${limits}`)
      return value
    },
    list: (name) =>
      text(name)
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    path(name, elsewhere) {
      const given = text(name)
      if (given === '' || elsewhere?.test(given)) return given
      try {
        accessSync(given, constants.R_OK)
      } catch {
        faults.push(`${name}: ${given} cannot be read`)
      }
      return resolve(given)
    },
    file(name) {
      const path = text(name)
      if (path === '') return ''
      try {
        return readFileSync(path, 'utf8')
      } catch {
        faults.push(`${name}: ${path} cannot be read`)
        return ''
      }
    },
  }
}
