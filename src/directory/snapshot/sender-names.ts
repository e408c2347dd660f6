import type { AgencyCode } from '../../domain/identifiers.ts'
import type { SenderNames } from '../../domain/signer-is-sender.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/**
 * Everything under which a certificate may know an agency on a day. A certificate that is registered for it counts as
 * its own, also where another agency has registered the same one.
 */
export function senderNames(directory: DirectorySnapshot, code: AgencyCode, day: string): SenderNames {
  return {
    code,
    name: directory.agency(code, day)?.name ?? code,
    aliases: directory.spellingsOf(code, day).filter((spelling) => spelling !== code),
    holderOf: (certificate) => {
      const holders = directory.certificateHolders(certificate, day)
      if (holders.length === 0) return undefined
      return holders.includes(code) ? 'sender' : 'another'
    },
  }
}
