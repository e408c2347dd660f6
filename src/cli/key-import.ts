import { readFile, writeFile } from 'node:fs/promises'
import { openPkcs12 } from '../signature/keys/pkcs12.ts'
import { writePkcs12 } from '../signature/keys/pkcs12-write.ts'
import { readArguments, required } from './arguments.ts'

/**
 * `tram key import FILE.p12 --out NEW.p12`: writes a PKCS#12 file anew, encrypted as today's programs do it. What old
 * programs wrote with RC2 or 3DES no longer opens everywhere, and protects little.
 */
export async function keyImport(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['FILE'], {
    out: { type: 'string' },
    'passphrase-file': { type: 'string' },
    'new-passphrase-file': { type: 'string' },
  })
  const out = required('out', values.out)
  const passphrase = await secretIn(required('passphrase-file', values['passphrase-file']))
  const renewed = values['new-passphrase-file']
  const { key, modern } = await openPkcs12(await readFile(positionals[0]!), passphrase)
  const file = await writePkcs12(key, renewed === undefined ? passphrase : await secretIn(renewed))
  // Never over another key.
  await writeFile(out, file, { mode: 0o600, flag: 'wx' })
  const { subject, validTo } = key.certificateChain[0]!.x509
  console.log(
    JSON.stringify({ out, wasModern: modern, subject: subject.replaceAll('\n', ', '), validTo }, null, 2),
  )
  return 0
}

const secretIn = async (path: string): Promise<string> => (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
