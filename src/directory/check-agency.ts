import { type AgencyRecord, findAgencies } from '../db/agencies.ts'
import { findTier, type Lineage, leadsTo } from '../db/agency-lineage.ts'
import type { Transaction } from '../db/pool.ts'
import type { Agency } from '../domain/agency.ts'
import type { Fault } from '../domain/fault.ts'
import { GatewayError } from '../domain/problem.ts'

export interface AgencyDraft extends Agency {
  /** Other spellings of the code under which packets may name this agency. */
  readonly aliases: readonly string[]
}

/**
 * Whether a draft fits the directory, which the caller has locked.
 * @throws GatewayError `request-invalid` with everything that does not
 */
export async function checkAgency(db: Transaction, draft: AgencyDraft): Promise<void> {
  const { parent, successor, aliases } = draft
  const named = [...aliases, ...[parent, successor].filter((code) => code !== null)]
  const known = await findAgencies(db, named)
  const faults = [
    ...checkDays(draft),
    ...(await checkTier(db, draft)),
    ...(await checkLink(db, draft, 'parent', parent, known)),
    ...(await checkLink(db, draft, 'successor', successor, known)),
    ...checkSuccession(draft, known),
    ...checkAliases(draft, known),
  ]
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults })
}

type Known = ReadonlyMap<string, AgencyRecord>

const fault = (code: string, path: string, found: string | null, vi: string, en: string): Fault => ({
  code,
  severity: 'error',
  path: `#/body/${path}`,
  ...(found !== null && { found }),
  hint: { vi, en },
})

function checkDays({ validFrom, validTo }: AgencyDraft): Fault[] {
  if (validTo === null || validTo > validFrom) return []
  return [
    fault(
      'days-reversed',
      'validTo',
      validTo,
      `Ngày đóng phải sau ngày bắt đầu ${validFrom}.`,
      `The day of closing must be after the first day, ${validFrom}.`,
    ),
  ]
}

async function checkTier(db: Transaction, { tier, validFrom }: AgencyDraft): Promise<Fault[]> {
  const found = await findTier(db, tier)
  if (found === undefined)
    return [fault('tier-unknown', 'tier', tier, `Không có cấp ${tier}.`, `There is no tier ${tier}.`)]
  if (found.closedOn === null || validFrom < found.closedOn) return []
  return [
    fault(
      'tier-closed',
      'tier',
      tier,
      `Cấp này đã đóng từ ${found.closedOn}; cơ quan không thể bắt đầu sau ngày đó.`,
      `This tier is closed from ${found.closedOn}; no agency can begin after that.`,
    ),
  ]
}

/** A parent or a successor is named by its code, not by an alias, and never leads back. */
async function checkLink(
  db: Transaction,
  draft: AgencyDraft,
  lineage: Lineage,
  code: string | null,
  known: Known,
): Promise<Fault[]> {
  if (code === null) return []
  const found = known.get(code)
  if (code !== draft.code && (found === undefined || found.code !== code))
    return [
      {
        ...fault(
          `${lineage}-unknown`,
          lineage,
          code,
          `Không có cơ quan nào mang mã ${code} trong danh bạ.`,
          `No agency in the directory has the code ${code}.`,
        ),
        ...(found !== undefined && { expected: found.code }),
      },
    ]
  if (!(await leadsTo(db, lineage, code, draft.code))) return []
  return [
    fault(
      `${lineage}-cycle`,
      lineage,
      code,
      `${code} dẫn ngược lại chính ${draft.code}.`,
      `${code} leads back to ${draft.code} itself.`,
    ),
  ]
}

function checkSuccession({ successor, validTo }: AgencyDraft, known: Known): Fault[] {
  if (successor === null) return []
  if (validTo === null)
    return [
      fault(
        'successor-without-closure',
        'successor',
        successor,
        'Chỉ cơ quan có ngày đóng mới có cơ quan kế thừa.',
        'Only an agency with a day of closing has a successor.',
      ),
    ]
  const heir = known.get(successor)
  if (heir === undefined || heir.validTo === null || heir.validTo > validTo) return []
  return [
    fault(
      'successor-closed',
      'successor',
      successor,
      `${heir.name} đã đóng từ ${heir.validTo}, trước khi kế thừa.`,
      `${heir.name} is closed from ${heir.validTo}, before it could take over.`,
    ),
  ]
}

function checkAliases({ code, aliases }: AgencyDraft, known: Known): Fault[] {
  return aliases.flatMap((alias, index) => {
    const path = `aliases/${index}`
    const owner = known.get(alias)
    if (alias === code || aliases.indexOf(alias) !== index)
      return [
        fault(
          'alias-repeated',
          path,
          alias,
          'Bí danh trùng với chính mã hoặc với bí danh khác của cơ quan này.',
          'The alias is the code itself, or stands here twice.',
        ),
      ]
    if (owner === undefined || owner.code === code) return []
    return [
      fault(
        'alias-taken',
        path,
        alias,
        `Đã là mã hoặc bí danh của ${owner.name} (${owner.code}).`,
        `It is already the code or an alias of ${owner.name} (${owner.code}).`,
      ),
    ]
  })
}
