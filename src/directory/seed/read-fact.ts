import type { FactKind, NewFact } from '../../domain/directory/fact.ts'
import type { Fault } from '../../domain/fault.ts'

type Reads = (value: Readonly<Record<string, unknown>>) => boolean

const isText = (most: number) => (given: unknown) =>
  typeof given === 'string' && given.trim() !== '' && given.length <= most
const isCode = (given: unknown): given is string =>
  typeof given === 'string' && /^[0-9A-Za-z][0-9A-Za-z._-]{0,34}$/.test(given)
const orNull = (is: (given: unknown) => boolean) => (given: unknown) => given === null || is(given)
const oneOf =
  (...allowed: readonly string[]) =>
  (given: unknown) =>
    typeof given === 'string' && allowed.includes(given)
const isRecord = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
const isList = (given: unknown, is: (item: unknown) => boolean) =>
  Array.isArray(given) && given.length <= 200_000 && given.every(is)

const isHeir = (given: unknown) =>
  isRecord(given) &&
  isCode(given.code) &&
  (given.documentTypes === undefined || isList(given.documentTypes, isText(200)))

const isMembers = (given: unknown) =>
  isRecord(given) &&
  (given.codes !== undefined
    ? isList(given.codes, isCode)
    : [given.tier, given.under, given.parent].some((condition) => condition !== undefined))

/** Whether a value has the form of its kind of fact. */
const VALUES: Readonly<Record<FactKind, Reads>> = {
  existence: (value) => Object.keys(value).length === 0,
  name: ({ name }) => isText(500)(name),
  placement: ({ tier, parent }) => isText(31)(tier) && orNull(isCode)(parent),
  alias: ({ alias, form }) => isText(200)(alias) && oneOf('qcvn-13', 'code102', 'free')(form),
  contact: ({ role, name, phone, email, address }) =>
    isText(100)(role) && [name, phone, email, address].every(orNull(isText(500))),
  endpoint: ({ channel, url, reaches }) =>
    (channel === 'mailbox' ? url === null : channel === 'https-push' && isText(2_000)(url)) &&
    oneOf('itself', 'subtree')(reaches),
  certificate: ({ sha256, der }) =>
    typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && isText(20_000)(der),
  succession: ({ act, heirs, main, whenAddressed, whenInFlight, basis, children }) =>
    oneOf('merge', 'split', 'recode', 'closure')(act) &&
    isList(heirs, isHeir) &&
    orNull(isCode)(main) &&
    oneOf('redirect', 'bounce')(whenAddressed) &&
    oneOf('redirect', 'keep', 'bounce')(whenInFlight) &&
    orNull(isText(500))(basis) &&
    (children === undefined || children === 'stay'),
  group: ({ name, members }) => isText(500)(name) && isMembers(members),
}

const isDay = (given: unknown): given is string =>
  typeof given === 'string' &&
  /^(19|20|21)\d\d-\d\d-\d\d$/.test(given) &&
  new Date(`${given}T00:00:00Z`).toJSON()?.slice(0, 10) === given

const isKind = (given: unknown): given is FactKind =>
  typeof given === 'string' && Object.hasOwn(VALUES, given)

function isFact(given: unknown): given is NewFact {
  if (!isRecord(given)) return false
  const { subject, kind, value, validFrom, validTo } = given
  if (!isCode(subject) || !isKind(kind) || !isRecord(value) || !VALUES[kind](value)) return false
  return isDay(validFrom) && (validTo === null || (isDay(validTo) && validTo > validFrom))
}

/** One line of a file of facts; a fault where it is none. Whatever else stands in it, such as `inferred`, is for readers. */
export function readFact(line: string, number: number): NewFact | Fault {
  try {
    const given: unknown = JSON.parse(line)
    if (isFact(given)) {
      const { subject, kind, value, validFrom, validTo } = given
      return { subject, kind, value, validFrom, validTo } as NewFact
    }
  } catch {
    // told below: the line is no fact
  }
  return {
    code: 'fact-malformed',
    severity: 'error',
    line: number,
    found: line.slice(0, 200),
    hint: {
      vi: `Dòng ${number} không phải là một dữ kiện (subject, kind, value, validFrom, validTo).`,
      en: `Line ${number} is no fact (subject, kind, value, validFrom, validTo).`,
    },
  }
}

export const isFault = (read: NewFact | Fault): read is Fault => 'severity' in read
