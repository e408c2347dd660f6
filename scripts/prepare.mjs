import { spawn, spawnSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Plain JavaScript of an old date: it must say what is missing on a machine where nothing is installed yet.

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

const OLDEST_NODE = [20, 19]

/** Brings the clone to the point where its code can run: the right Node, the packages of the lock file, the test tool. */
export function prepare() {
  requireNode()
  if (!isInstalled()) {
    refuseForeignPackages()
    install()
  }
  if (!isTestToolBuilt()) {
    refuseForeignPackages()
    runQuietly('tap build', process.execPath, [join(ROOT, 'node_modules/tap/dist/esm/run.mjs'), 'build'])
  }
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  const wanted = OLDEST_NODE.join('.')
  console.error(`Cần Node.js ${wanted} trở lên; máy này đang chạy ${process.version}.`)
  console.error(`Tram needs Node.js ${wanted} or later; this is ${process.version}.`)
  process.exit(1)
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes the list of what it installed last of all, so
 * an installation that was cut off counts as none. Packages for other platforms may be missing.
 */
function isInstalled() {
  const wanted = readPackages(join(ROOT, 'package-lock.json'))
  const present = readPackages(join(ROOT, 'node_modules', '.package-lock.json'))
  if (wanted === null || present === null) return false
  return Object.keys(wanted).every((path) => {
    const { version, optional, devOptional } = wanted[path]
    if (path === '' || (present[path] === undefined && (optional || devOptional))) return true
    return present[path] !== undefined && present[path].version === version
  })
}

function readPackages(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, 'utf8')).packages || null
  } catch {
    return null
  }
}

/**
 * A node_modules that is a symbolic link belongs to another checkout: npm would empty it there, under whoever is using
 * it.
 */
function refuseForeignPackages() {
  const path = join(ROOT, 'node_modules')
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return
  console.error(
    'node_modules là liên kết đến thư mục khác, và chưa đúng với package-lock.json của bản này: không cài vào đó.',
  )
  console.error(
    'node_modules is a symbolic link, and what it leads to is not what package-lock.json asks for: nothing is',
  )
  console.error('installed there. Remove the link, or run `npm run setup` in the checkout that it leads to.')
  process.exit(1)
}

function install() {
  console.error(
    'Đang cài các gói của package-lock.json (chỉ lần đầu)… / Installing packages (the first time only)…',
  )
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  // npm tells its scripts where it is; without it, the one on PATH must do.
  const npm = process.env.npm_execpath || ''
  if (basename(npm).startsWith('npm')) runQuietly('npm ci', process.execPath, [npm, ...args])
  else runQuietly('npm ci', 'npm', args)
}

/** Plugins of the test tool that .taprc drops: every process of a test would load them, and its children too. */
const DROPPED = ['@tapjs/typescript', '@tapjs/mock']

/**
 * The test tool must be rebuilt once without the plugins that .taprc drops. Its first run would do so by itself, but fail:
 * it has loaded them by then.
 */
function isTestToolBuilt() {
  try {
    const built = readFileSync(join(ROOT, 'node_modules/@tapjs/test/test-built/dist/esm/index.js'), 'utf8')
    return !DROPPED.some((plugin) => built.includes(plugin))
  } catch {
    return false
  }
}

function runQuietly(what, command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status === 0) return
  console.error(stdout || '', stderr || '', error ? error.message : '')
  console.error(`${what}: không thành công / failed`)
  process.exit(1)
}

/** Runs Node with `args` in the place of this process: its signals go on, its exit code comes back. */
export function handOver(args) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // A terminal gives Ctrl-C to the whole group, so the child has it already.
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
  }
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
}
