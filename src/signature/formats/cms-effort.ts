/**
 * What the signatures of one file may still cost together. Nested signatures and archive timestamps, each over
 * everything before it, would otherwise let a small file ask for hours.
 */
export interface CmsEffort {
  counterSignatures: number
  timestamps: number
  /** Octets that may be hashed for archive timestamps. */
  octets: number
}

/** Far above what any archive has gathered. */
export const newEffort = (): CmsEffort => ({
  counterSignatures: 64,
  timestamps: 64,
  octets: 1024 * 1024 * 1024,
})

/** Takes from what is left; false, and nothing taken, where it is not enough. */
export function spend(effort: CmsEffort, what: keyof CmsEffort, amount = 1): boolean {
  if (effort[what] < amount) return false
  effort[what] -= amount
  return true
}
