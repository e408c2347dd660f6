import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const NEEDED_BYTES = 6 * 1024 ** 3

/**
 * A new folder in the machine's memory, where there is room for it; null elsewhere, as on macOS or in a small
 * container. What tests write is synced to the disk hundreds of times a second and thrown away at once: there a sync
 * costs nothing, and servers and code still make every one of them.
 */
export function memoryFolder() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    if (bavail * bsize < NEEDED_BYTES || availableMemory() < NEEDED_BYTES || refusesPrograms()) return null
    const folder = mkdtempSync(join(MEMORY, 'tram-tests-'))
    // Like /tmp: servers that root starts run as somebody else.
    chmodSync(folder, 0o1777)
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    return folder
  } catch {
    return null
  }
}

/** What the size of a tmpfs promises is not all there. */
function availableMemory() {
  const [, kilobytes] = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

function refusesPrograms() {
  const line = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((one) => one.split(' ')[1] === MEMORY)
  return line?.split(' ')[3]?.split(',').includes('noexec') ?? true
}
