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
import { reachableByAll, type ServerIdentity, serverIdentity, sharedTemporaryFolder } from './identity.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { initialiseCluster } from './postgres-initdb.ts'

export interface ClusterHome {
  readonly home: string
  /** Whom the home belongs to and the server runs as; null is the user of this process. */
  readonly identity: ServerIdentity | null
}

/**
 * The folder `<folder>/postgres`. Where the way to `folder` is closed to the server's identity (a home of mode 0700, as
 * root), it is a link to a folder in /var/tmp. Root takes up a cluster that another user made as that user.
 * @throws Error where the home belongs to somebody else
 */
export async function clusterHome(folder: string): Promise<ClusterHome> {
  const identity = serverIdentity()
  await mkdir(folder, { recursive: true })
  const home = join(folder, 'postgres')
  // Only the right to pass through, which mkdtemp withholds; what lies within stays closed.
  if (identity !== null) await chmod(folder, (await lstat(folder)).mode | 0o011)
  const existing = await realpath(home).catch(() => null)
  if (existing === null) await makeHome(folder, home, identity)
  const real = await realpath(home)
  const { uid, gid } = await lstat(real)
  if (identity !== null) return { home: real, identity: { uid, gid } }
  if (uid !== process.getuid?.()) throw new Error(`${real} belongs to user ${uid}`)
  return { home: real, identity }
}

async function makeHome(folder: string, home: string, identity: ServerIdentity | null): Promise<void> {
  // A link whose target was cleaned away leads nowhere.
  await rm(home, { force: true })
  if (identity === null) {
    await mkdir(home, { mode: 0o700 })
    return
  }
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
  // The last step is a rename: a start that is cut off leaves no half-made cluster behind.
  const draft = join(home, 'data.new')
  await rm(draft, { recursive: true, force: true })
  await initialiseCluster(draft, passwordFile, binaries, identity)
  await rename(draft, join(home, 'data'))
  return password
}
