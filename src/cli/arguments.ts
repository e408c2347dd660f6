import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type AgencyCode, agencyCode, isUuid } from '../domain/identifiers.ts'
import { UsageError } from './usage-error.ts'

/**
 * The options of a command and its positionals, of which each named one must be given and no more.
 * @throws UsageError; TypeError of node:util for an option that does not exist
 */
export function readArguments<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  named: readonly string[],
  options: O,
) {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  if (positionals.length < named.length) throw new UsageError(`${named[positionals.length]} is not given`)
  if (positionals.length > named.length) throw new UsageError(`${positionals[named.length]} is one too many`)
  return { values, positionals }
}

/** The value of an option that must be given. @throws UsageError */
export function required(name: string, value: string | undefined): string {
  if (value === undefined || value.trim() === '') throw new UsageError(`--${name} is not given`)
  return value
}

/** A day that exists, `yyyy-MM-dd`. @throws UsageError */
export function day(name: string, text: string): string {
  const instant = new Date(`${text}T00:00:00Z`)
  const exists = !Number.isNaN(instant.getTime()) && instant.toISOString().slice(0, 10) === text
  if (!exists || !/^(19|20|21)/.test(text)) throw new UsageError(`--${name}: ${text} is no day (yyyy-MM-dd)`)
  return text
}

/** @throws UsageError */
export function code(text: string): AgencyCode {
  if (!/^[0-9A-Za-z][0-9A-Za-z._-]{0,34}$/.test(text)) throw new UsageError(`${text} is no agency code`)
  return agencyCode(text)
}

/** @throws UsageError */
export function uuid(text: string): string {
  if (!isUuid(text)) throw new UsageError(`${text} is no id (a UUID in lower case)`)
  return text
}

/** A whole number of at least 1. @throws UsageError */
export function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new UsageError(`--${name}: ${text} is no whole number of at least 1`)
  return Number(text)
}

/** One of the keys of a table. @throws UsageError naming them */
export function oneOf<K extends string>(name: string, text: string, table: Readonly<Record<K, unknown>>): K {
  const found = (Object.keys(table) as K[]).find((key) => key === text)
  if (found === undefined) throw new UsageError(`--${name} is one of ${Object.keys(table).join(', ')}`)
  return found
}
