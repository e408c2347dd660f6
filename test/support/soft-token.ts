import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { SigningKey } from '../../src/signature/keys/load-key.ts'
import { type Teardown, temporaryFolder } from './temporary-folder.ts'

const MODULES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so']
/** SoftHSM2; undefined where it is not installed. */
export const modulePath = MODULES.find((path) => existsSync(path))

/** Why tests with a token cannot run here; false where they can. */
export const noSoftToken: string | false = (() => {
  if (modulePath === undefined) return 'SoftHSM2 is not installed'
  try {
    createRequire(import.meta.url)('pkcs11js')
    return false
  } catch {
    return 'the optional package pkcs11js is not installed, or not compiled'
  }
})()

export interface SoftToken {
  readonly folder: string
  readonly pin: string
  /** `pkcs11:` URI of a key by its label; the PIN is read from a file unless `withPin` is false. */
  uri(label: string, withPin?: boolean): string
  /** Puts a key and its certificates into the token. */
  hold(label: string, id: string, key: SigningKey): Promise<void>
  /** Takes the token out of its reader, and puts it in again. */
  remove(): void
  insert(): void
}

/**
 * A SoftHSM2 token of the test's own. Its configuration is found by an environment variable that the module reads when
 * it is first loaded: one token folder for each process.
 */
export async function softToken(t: Teardown, label = 'tram-test'): Promise<SoftToken> {
  const folder = await temporaryFolder(t)
  const tokens = join(folder, 'tokens')
  mkdirSync(tokens)
  writeFileSync(
    join(folder, 'softhsm2.conf'),
    `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  )
  process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf')
  const pin = '90817263'
  writeFileSync(join(folder, 'pin'), `${pin}\n`, { mode: 0o600 })
  const own = () => readdirSync(tokens)[0]!
  const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' })
  run('softhsm2-util', '--init-token', '--free', '--label', label, '--so-pin', '12345678', '--pin', pin)
  return {
    folder,
    pin,
    uri: (object, withPin = true) =>
      `pkcs11:token=${encodeURIComponent(label)};object=${encodeURIComponent(object)}?module-path=${modulePath}` +
      (withPin ? `&pin-source=file:${join(folder, 'pin')}` : ''),
    async hold(object, id, { key, certificateChain }) {
      const file = join(folder, `${id}.key.pem`)
      writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }))
      run('softhsm2-util', '--import', file, '--token', label, '--label', object, '--id', id, '--pin', pin)
      const tool = ['--module', modulePath!, '--token-label', label, '--login', '--pin', pin]
      certificateChain.forEach(({ der }, index) => {
        const certificate = join(folder, `${id}-${index}.der`)
        writeFileSync(certificate, der)
        const names = index === 0 ? ['--id', id, '--label', object] : ['--label', `${object} issuer ${index}`]
        run('pkcs11-tool', ...tool, '--write-object', certificate, '--type', 'cert', ...names)
      })
    },
    remove: () => renameSync(join(tokens, own()), join(folder, 'away')),
    insert: () => renameSync(join(folder, 'away'), join(tokens, 'back')),
  }
}
