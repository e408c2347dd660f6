import { statfsSync } from 'node:fs'

/** By the numbers of linux/magic.h. */
const NAMES = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x794c7630, 'overlayfs'],
  [0x2fc12fc1, 'zfs'],
  [0x01021994, 'tmpfs (nothing is durable)'],
])

/** What a folder lies on, such as `ext4`: where that is memory, an fsync costs nothing, and figures are worth nothing. */
export const fileSystemOf = (folder: string): string => {
  const { type } = statfsSync(folder)
  return NAMES.get(type) ?? `file system 0x${type.toString(16)}`
}
