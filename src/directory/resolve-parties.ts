import { type AgencyRecord, findAgencies } from '../db/agencies.ts'
import type { Queryable } from '../db/pool.ts'
import { isOpenOn } from '../domain/agency.ts'
import type { Fault } from '../domain/fault.ts'
import type { AgencyCode } from '../domain/identifiers.ts'

/** The agencies that a packet names, by the spelling that it uses. */
export type Parties = ReadonlyMap<string, AgencyRecord>

export const resolveParties = (db: Queryable, spellings: readonly string[]): Promise<Parties> =>
  findAgencies(db, [...new Set(spellings)])

export interface NamedRecipient {
  readonly organId: AgencyCode
  readonly path: string
}

export interface ResolvedRecipients {
  readonly recipients: readonly AgencyRecord[]
  /** Unknown, closed and repeated recipients, all together. */
  readonly faults: readonly Fault[]
}

/**
 * The agencies that recipients mean on a day (`yyyy-MM-dd`, Vietnam), or what is wrong with each.
 * @param mayBeClosed true where the packet speaks of a document that a since closed agency may have been party to
 */
export function resolveRecipients(
  parties: Parties,
  named: readonly NamedRecipient[],
  day: string,
  mayBeClosed: boolean,
): ResolvedRecipients {
  const found = new Map<AgencyCode, AgencyRecord>()
  const faults: Fault[] = []
  for (const recipient of named) {
    const agency = parties.get(recipient.organId)
    if (agency === undefined) faults.push(unknownRecipient(recipient))
    else if (!mayBeClosed && !isOpenOn(agency, day)) faults.push(closedRecipient(recipient, agency))
    else if (found.has(agency.code)) faults.push(repeatedRecipient(recipient, agency))
    else found.set(agency.code, agency)
  }
  return { recipients: [...found.values()], faults }
}

const unknownRecipient = ({ organId, path }: NamedRecipient): Fault => ({
  code: 'recipient-unknown',
  severity: 'error',
  path,
  found: organId,
  hint: {
    vi: `Không có cơ quan nào mang mã ${organId} trong danh bạ.`,
    en: `No agency in the directory has the code ${organId}.`,
  },
})

function closedRecipient({ organId, path }: NamedRecipient, agency: AgencyRecord): Fault {
  const successor = agency.successor
  const until = agency.validTo ?? ''
  return {
    code: 'recipient-closed',
    severity: 'error',
    path,
    found: organId,
    expected: successor ?? undefined,
    hint: {
      vi: `${agency.name} (${agency.code}) không hoạt động vào ngày này (đóng từ ${until})${successor ? `; cơ quan kế thừa: ${successor}` : ''}.`,
      en: `${agency.name} (${agency.code}) is not open on this day (closed from ${until})${successor ? `; its successor is ${successor}` : ''}.`,
    },
  }
}

const repeatedRecipient = ({ organId, path }: NamedRecipient, agency: AgencyRecord): Fault => ({
  code: 'recipient-repeated',
  severity: 'error',
  path,
  found: organId,
  hint: {
    vi: `${agency.name} (${agency.code}) có mặt hơn một lần trong danh sách nơi nhận.`,
    en: `${agency.name} (${agency.code}) stands more than once among the recipients.`,
  },
})
