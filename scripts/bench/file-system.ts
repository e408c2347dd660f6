import { statfsSync } from 'node:fs'

/** By the numbers of linux/magic.h. */
const NAMES: Readonly<Record<number, string>> = {
  61_267: 'ext4',
  1_481_003_842: 'xfs',
  2_435_016_766: 'btrfs',
  2_035_054_128: 'overlayfs',
  801_189_825: 'zfs',
  16_914_836: 'tmpfs (nothing is durable)',
}

/** What a folder lies on, such as `ext4`: where that is memory, an fsync costs nothing, and figures are worth nothing. */
export const fileSystemOf = (folder: string): string => {
  const { type } = statfsSync(folder)
  return NAMES[type] ?? `file system 0x${type.toString(16)}`
}
