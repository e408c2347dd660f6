import type { Sha256 } from '../domain/identifiers.ts'

/** A prime: backups that are made each second night, or each week, come round to every share, too. */
export const SHARES = 31

const DAY_MS = 86_400_000

/**
 * Which of the blobs that are in a pool already are read again by a backup of this time, a share of them each night: a file
 * that has rotted there would stand for a sound one in every backup to come.
 */
export function shareOfNight(takenAt: Date): (blob: Sha256) => boolean {
  const due = Math.floor(takenAt.getTime() / DAY_MS) % SHARES
  return (blob) => Number.parseInt(blob.slice(0, 8), 16) % SHARES === due
}
