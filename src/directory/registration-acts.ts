import type { Act } from '../domain/directory/act.ts'
import type { AgencyCode } from '../domain/identifiers.ts'
import { agencyCode } from '../domain/identifiers.ts'
import { GatewayError } from '../domain/problem.ts'
import type { DirectorySnapshot } from './snapshot/snapshot.ts'
import { tierBeneath } from './tier-beneath.ts'

/** What a system of the axis interface wishes to have in the directory. Agencies are named by any of their codes. */
export type RegistrationWish =
  | {
      readonly kind: 'register'
      readonly code: string
      readonly name: string
      /** The agency above; empty: where it is already. */
      readonly parent: string
      readonly mail: string
      readonly phone: string
    }
  | { readonly kind: 'delete'; readonly code: string }

export interface WishContext {
  readonly directory: DirectorySnapshot
  /** Every agency that the system serves on the day. */
  readonly served: ReadonlySet<AgencyCode>
  /** `yyyy-MM-dd`, Vietnam: from when on it holds. */
  readonly day: string
}

/**
 * The acts that would make the directory say what is wished; none where it says so already.
 * @throws GatewayError `scope-insufficient` where the agency is not beneath one that the system serves, `not-found`,
 *   `request-invalid` where the code is a group's
 */
export function registrationActs(wish: RegistrationWish, context: WishContext): Act[] {
  const { directory, day } = context
  const known = directory.codeOf(wish.code, day)?.code
  if (known !== undefined && directory.isGroup(known)) throw codeOfGroup(wish.code)
  if (known !== undefined) refuseStranger(known, context)
  if (wish.kind === 'register')
    return known !== undefined && directory.isOpen(known, day)
      ? changes(wish, known, context)
      : established(wish, known ?? agencyCode(wish.code), context)
  if (known === undefined) throw unknown(wish.code)
  return directory.isOpen(known, day) ? [{ act: 'close', on: day, code: known, successor: null }] : []
}

type Register = Extract<RegistrationWish, { kind: 'register' }>

function established(wish: Register, code: AgencyCode, context: WishContext): Act[] {
  const { directory, day } = context
  const parent = parentOf(wish, context)
  if (parent === undefined) throw unknown(wish.parent)
  const tier = tierBeneath(directory, parent, day)
  return [
    { act: 'establish', on: day, code, name: wish.name, tier, parent },
    ...contacts(wish, code, context),
  ]
}

function changes(wish: Register, code: AgencyCode, context: WishContext): Act[] {
  const { directory, day } = context
  const now = directory.agency(code, day)
  const parent = parentOf(wish, context)
  const acts: Act[] = []
  if (now?.name !== wish.name) acts.push({ act: 'rename', on: day, code, name: wish.name })
  if (parent !== undefined && now?.parent !== parent) acts.push({ act: 'move', on: day, code, parent })
  return [...acts, ...contacts(wish, code, context)]
}

/** The agency above; undefined where none is named. */
function parentOf({ parent }: Register, { directory, served, day }: WishContext): AgencyCode | undefined {
  if (parent === '') return undefined
  const found = directory.codeOf(parent, day)?.code
  if (found === undefined || !directory.isOpen(found, day)) throw unknown(parent)
  if (!served.has(found)) throw notServed(parent)
  return found
}

/** For whom the system's makers give a mail address and a telephone number. */
const ROLE = 'liên thông văn bản'

function contacts({ mail, phone }: Register, code: AgencyCode, { directory, day }: WishContext): Act[] {
  if (mail === '' && phone === '') return []
  const known = directory.factsOn(code, 'contact', day).map(({ value }) => value)
  const isKnown = (field: 'email' | 'phone', text: string) =>
    text === '' || known.some((contact) => contact[field] === text)
  if (isKnown('email', mail) && isKnown('phone', phone)) return []
  const before = known.find(({ role }) => role === ROLE)
  const contact = {
    role: ROLE,
    name: before?.name ?? null,
    phone: phone || (before?.phone ?? null),
    email: mail || (before?.email ?? null),
    address: before?.address ?? null,
  }
  return [{ act: 'set-contact', on: day, code, contact }]
}

/** Only what stands beneath: those that a system serves are put into the directory by administrators. */
function refuseStranger(code: AgencyCode, { directory, served, day }: WishContext): void {
  if (!directory.ancestors(code, day).some((above) => served.has(above))) throw notServed(code)
}

const notServed = (code: string): GatewayError =>
  new GatewayError('scope-insufficient', {
    detail: {
      vi: `${code} không thuộc phạm vi hệ thống này phục vụ; chỉ được đề nghị về cơ quan trực thuộc các cơ quan đó.`,
      en: `${code} is not of those that this system serves; it may speak only of agencies beneath them.`,
    },
  })

const unknown = (code: string): GatewayError =>
  new GatewayError('not-found', {
    detail: {
      vi: `Không có cơ quan ${code} đang hoạt động trong danh bạ.`,
      en: `There is no open agency ${code} in the directory.`,
    },
  })

const codeOfGroup = (code: string): GatewayError =>
  new GatewayError('request-invalid', {
    detail: { vi: `${code} là mã của một nhóm nơi nhận.`, en: `${code} is the code of an address group.` },
  })
