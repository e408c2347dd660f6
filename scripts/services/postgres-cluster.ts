import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { reachableByAll, type ServerIdentity, sharedTemporaryFolder } from './identity.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'

/** The owner of the cluster, and the name of the database that stands ready in it. */
export const DATABASE_USER = 'tram'
export const DATABASE_NAME = 'tram'

/**
 * The builtin provider orders by code point and folds case for all of Unicode (lower('Đ') = 'đ'), the same in every
 * release: no update of ICU or libc can break a unique index. Lists for people order by COLLATE "vi-x-icu".
 */
const LOCALE = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']

/**
 * The folder `<folder>/postgres`, owned by the server's identity. Where the way to `folder` is closed to that identity
 * (a home of mode 0700, as root), it is a link to a folder in /var/tmp.
 */
export async function clusterHome(folder: string, identity: ServerIdentity | null): Promise<string> {
  await mkdir(folder, { recursive: true })
  const home = join(folder, 'postgres')
  if (identity === null) {
    await mkdir(home, { recursive: true, mode: 0o700 })
    return home
  }
  // Only the right to pass through, which mkdtemp withholds; what lies within stays closed.
  await chmod(folder, (await lstat(folder)).mode | 0o011)
  const existing = await realpath(home).catch(() => null)
  if (existing === null) await makeHome(folder, home, identity)
  const real = await realpath(home)
  const { uid } = await lstat(real)
  if (uid !== identity.uid) throw new Error(`${real} belongs to user ${uid}, not to ${identity.uid}`)
  return real
}

async function makeHome(folder: string, home: string, identity: ServerIdentity): Promise<void> {
  // A link whose target was cleaned away leads nowhere.
  await rm(home, { force: true })
  if (await reachableByAll(folder)) {
    await mkdir(home, { mode: 0o700 })
    await chown(home, identity.uid, identity.gid)
    return
  }
  const place = await sharedTemporaryFolder(['/var/tmp', tmpdir(), '/tmp'])
  const elsewhere = await mkdtemp(join(place, 'tram-postgres-'))
  await chown(elsewhere, identity.uid, identity.gid)
  await symlink(elsewhere, home)
}

/** Makes the cluster where there is none, and answers its password either way. */
export async function clusterPassword(
  home: string,
  binaries: PostgresBinaries,
  identity: ServerIdentity | null,
): Promise<string> {
  const passwordFile = join(home, 'password')
  const exists = await lstat(join(home, 'data')).catch(() => null)
  if (exists !== null) return readFile(passwordFile, 'utf8')
  const password = randomBytes(24).toString('base64url')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (identity !== null) await chown(passwordFile, identity.uid, identity.gid)
  await initialise(home, binaries, passwordFile, identity)
  return password
}

/** The last step is a rename: a start that is cut off leaves no half-made cluster behind. */
async function initialise(
  home: string,
  { initdb, postgres }: PostgresBinaries,
  passwordFile: string,
  identity: ServerIdentity | null,
): Promise<void> {
  const draft = join(home, 'data.new')
  await rm(draft, { recursive: true, force: true })
  const owner = [`--username=${DATABASE_USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const spawning = { env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }, ...identity }
  await run(initdb, ['-D', draft, ...owner, ...LOCALE, '--no-sync', '--no-instructions'], spawning)
  const single = run(postgres, ['--single', '-D', draft, 'postgres'], spawning)
  single.child.stdin?.end(`CREATE DATABASE ${DATABASE_NAME}\n`)
  await single
  await rename(draft, join(home, 'data'))
}

const run = promisify(execFile)
