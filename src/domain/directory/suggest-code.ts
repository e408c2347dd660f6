import { type AgencyCode, agencyCode } from '../identifiers.ts'

/** `000.00.15.H51` (QCVN 102:2016): level 4, 3, 2 and 1, of 3, 2, 2 and 3 characters. */
const OLD_FORM = /^(\d{3})\.(\d{2})\.(\d{2})\.([A-Y]\d{2})$/
/** `H51.15` (QĐ 20/2020/QĐ-TTg art. 4), with no more and no wider levels than the old form has. */
const NEW_FORM = /^([A-Y]\d{2})(?:\.(\d{2})(?:\.(\d{2})(?:\.(\d{3}))?)?)?$/

const isZero = (group: string): boolean => /^0+$/.test(group)

/**
 * The code that a spelling of the other form would have by the usual rewriting: groups of zeros are dropped and the
 * order turned, or back. A suggestion for people: agencies were also given codes that do not follow it, so that nothing
 * is ever resolved by it. Null where the rewriting does not apply.
 */
export function suggestCode(spelling: string): AgencyCode | null {
  const old = OLD_FORM.exec(spelling)
  if (old !== null) {
    const [, level4, level3, level2, level1] = old
    return agencyCode(
      [level1, level2, level3, level4].filter((group) => group !== undefined && !isZero(group)).join('.'),
    )
  }
  const now = NEW_FORM.exec(spelling)
  if (now === null) return null
  const [, level1, level2 = '00', level3 = '00', level4 = '000'] = now
  return agencyCode([level4, level3, level2, level1].join('.'))
}
