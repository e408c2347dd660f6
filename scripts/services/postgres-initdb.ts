import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { ServerIdentity } from './identity.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'

/** The owner of the cluster, and the name of the database that stands ready in it. */
export const DATABASE_USER = 'tram'
export const DATABASE_NAME = 'tram'

/**
 * The builtin provider orders by code point and folds case for all of Unicode (lower('Đ') = 'đ'), the same in every
 * release: no update of ICU or libc can break a unique index. Lists for people order by COLLATE "vi-x-icu".
 */
export const LOCALE = [
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
]

/** Makes a cluster in the folder `data`, with the password of `passwordFile` for its owner, and our database in it. */
export async function initialiseCluster(
  data: string,
  passwordFile: string,
  binaries: PostgresBinaries,
  identity: ServerIdentity | null,
): Promise<void> {
  try {
    await makeCluster([], data, passwordFile, binaries, identity)
  } catch (error) {
    if (!isNameless(error)) throw error
    await rm(data, { recursive: true, force: true })
    await makeCluster(AS_NOBODY, data, passwordFile, binaries, identity)
  }
}

/**
 * initdb wants a name for its user id, which a container or `setpriv` may run without; the server itself does not.
 * A user namespace, in which that id goes by the number of "nobody", gives it one.
 */
const AS_NOBODY = ['unshare', '--user', '--map-user=65534', '--map-group=65534']

const isNameless = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('could not look up effective user ID')

async function makeCluster(
  prefix: readonly string[],
  data: string,
  passwordFile: string,
  { initdb, postgres }: PostgresBinaries,
  identity: ServerIdentity | null,
): Promise<void> {
  const path = `${process.env.PATH ?? ''}:/usr/bin:/bin`
  const options = { env: { PATH: path, LC_ALL: 'C', TZ: 'UTC' }, ...identity }
  const start = (...command: string[]) => {
    const [program = '', ...args] = [...prefix, ...command]
    return run(program, args, options)
  }
  const owner = [`--username=${DATABASE_USER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  // Not synced: a machine that loses power in these seconds loses a cluster that holds nothing yet.
  await start(initdb, '-D', data, ...owner, ...LOCALE, '--no-sync', '--no-instructions')
  // The server's single-user mode makes the database before anybody could connect and find it missing.
  const single = start(postgres, '--single', '-F', '-D', data, 'postgres')
  single.child.stdin?.end(`CREATE DATABASE ${DATABASE_NAME}\n`)
  await single
}

const run = promisify(execFile)
