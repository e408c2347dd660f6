import { stat } from 'node:fs/promises'
import type { GuardedFile } from '../config/secret-files.ts'
import type { Check, Finding } from './finding.ts'

/** Bits of a mode: what everybody, and what the group, may do that they must not. */
const BITS = {
  reading: { everybody: 0o004, group: 0o040 },
  writing: { everybody: 0o002, group: 0o020 },
} as const

/**
 * Whether anybody but the gateway's own user can read its secrets, or write where its documents go. In production what
 * everybody can is a failure; the group is often how secrets are handed to containers.
 */
export const guardedFilesCheck = (files: readonly GuardedFile[], isProduction: boolean): Check => ({
  what: 'quyền của tệp bí mật/secret files',
  async look() {
    const found = await Promise.all(files.map((file) => openTo(file)))
    const open = found.filter((one) => one !== null)
    if (open.length === 0) return { outcome: 'ok', detail: `${files.length} looked at: nobody else's` }
    const isGrave = isProduction && open.some(({ who }) => who === 'everybody')
    const outcome: Finding['outcome'] = isGrave ? 'failed' : 'warning'
    const told = open.map(
      ({ file, who, mode }) => `${file.named} ${file.path} (${mode}, ${file.guards} by ${who})`,
    )
    return { outcome, detail: `open to others: ${told.join('; ')}` }
  },
})

async function openTo(file: GuardedFile) {
  const stats = await stat(file.path)
  // Who may enter a folder is another matter than who reads a file in it.
  if (!stats.isFile()) return null
  const { everybody, group } = BITS[file.guards]
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  if ((stats.mode & everybody) !== 0) return { file, who: 'everybody', mode } as const
  return (stats.mode & group) !== 0 ? ({ file, who: 'group', mode } as const) : null
}
