import type { DirectorySnapshot } from '../directory/snapshot/snapshot.ts'
import { successorsOf } from '../directory/snapshot/succession-line.ts'
import type { Envelope } from '../domain/envelope.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

const MOST_NAMES = 10_000

/** Whom a list names as recipients of a packet: one code as a rule; JSON, commas and semicolons occur. */
export function listedNames(text: string): string[] {
  const names = text.startsWith('[') ? fromJson(text) : text.split(/[,;]/)
  const trimmed = names.map((name) => name.trim()).filter((name) => name !== '' && name !== 'null')
  return [...new Set(trimmed)].slice(0, MOST_NAMES)
}

function fromJson(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

/** Whether an agency is one of some, or stands beneath one, on a day. */
export const isAtHome = (
  directory: DirectorySnapshot,
  home: readonly AgencyCode[],
  code: AgencyCode,
  day: string,
): boolean => home.some((one) => one === code || directory.isUnder(code, one, day))

/**
 * Whether another exchange may bring a packet in the name of an agency: of nobody at home, nor of who has closed there,
 * unless everybody who took over is elsewhere.
 */
export function isElsewhere(
  directory: DirectorySnapshot,
  home: readonly AgencyCode[],
  code: AgencyCode,
  day: string,
): boolean {
  if (!isAtHome(directory, home, code, day)) return true
  const heirs = successorsOf(directory, code, day)
  return heirs.length > 0 && heirs.every((heir) => !isAtHome(directory, home, heir, day))
}

/** Whom a list names as the sender, whoever that is; undefined where it names nobody. */
export const listedSender = (text: string): string | undefined => {
  const name = text.trim()
  return name === '' || name.toLowerCase() === 'null' ? undefined : name
}

/**
 * For whom a packet of another exchange is handed in: whom its list names; where it names nobody, those of To whose
 * systems are connected here, for the others are not this gateway's to deliver.
 */
export function namesHere(
  envelope: Envelope,
  listed: readonly string[],
  isHome: (spelling: string) => boolean,
): readonly string[] {
  if (envelope.kind === 'status' || listed.length > 0) return listed
  return envelope.to.map(({ organId }) => organId).filter(isHome)
}
