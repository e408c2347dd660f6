import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RsaKeys, rsaKeys } from '../../scripts/rsa-keys.ts'

/*
 * Every test file starts with this (.taprc). The RSA keys of its invented authorities and agencies are kept from file
 * to file; within a file each is another, so that no two of its certificates share one. Processes that a test starts
 * do not have this: what they make is their own.
 */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/test-keys/', import.meta.url))
const MOST_KEPT = 200

const makeNew = rsaKeys.make
let used = 0

rsaKeys.make = () => {
  used += 1
  return used > MOST_KEPT
    ? makeNew()
    : (read(join(FOLDER, `${used}.pem`)) ?? made(join(FOLDER, `${used}.pem`)))
}

function read(path: string): RsaKeys | null {
  try {
    const privateKey = createPrivateKey(readFileSync(path))
    return { privateKey, publicKey: createPublicKey(privateKey) }
  } catch {
    return null
  }
}

/** Files that run at once may each make one; the last that is kept stays. */
function made(path: string): RsaKeys {
  const keys = makeNew()
  const draft = `${path}.${process.pid}`
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(draft, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  renameSync(draft, path)
  return keys
}
