import type { GroupMembers } from '../../domain/directory/group.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'
import type { DirectorySnapshot } from './snapshot.ts'

/** An address group as it is described on a day. */
export interface GroupOnDay {
  readonly code: AgencyCode
  readonly name: string
  readonly members: GroupMembers
}

/** The address groups that are in force on a day (`yyyy-MM-dd`, Vietnam), in the order of their codes. */
export function listGroups(directory: DirectorySnapshot, day: string): GroupOnDay[] {
  const found: GroupOnDay[] = []
  for (const code of directory.codes()) {
    const group = directory.fact(code, 'group', day)?.value
    if (group !== undefined) found.push({ code, ...group })
  }
  return found.sort((a, b) => (a.code < b.code ? -1 : 1))
}
