import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SigningKey } from '../../../src/signature/keys/signing-key.ts'
import { keyFiles } from './signed-documents.ts'

const run = promisify(execFile)

export interface Xmlsec1 {
  /** `ids`: the elements whose `Id` a reference may lead to, as `namespace:name`. */
  sign(template: string, key: SigningKey, ids: readonly string[]): string
  /** Whether it takes each of the first `count` signatures of a document, under the trusted root. */
  accepts(text: string, count: number, ids: readonly string[]): Promise<boolean>
}

export function hasXmlsec1(): boolean {
  try {
    execFileSync('xmlsec1', ['--version'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** Which attributes are Ids has to be told to it, element by element: `namespace:name`. */
const idAttributes = (names: readonly string[]): string[] => names.flatMap((name) => ['--id-attr:Id', name])

/** xmlsec1 with a folder of its own for files. */
export function xmlsec1In(
  folder: string,
  trust: { readonly rootPem: string; readonly issuingPem: string },
): Xmlsec1 {
  writeFileSync(join(folder, 'root.pem'), trust.rootPem)
  writeFileSync(join(folder, 'issuing.pem'), trust.issuingPem)
  const trusted = ['--trusted-pem', join(folder, 'root.pem'), '--untrusted-pem', join(folder, 'issuing.pem')]
  let files = 0
  const accepts = async (file: string, index: number, ids: readonly string[]): Promise<boolean> => {
    const which = ['--node-xpath', `(//*[local-name()='Signature'])[${index + 1}]`]
    try {
      await run('xmlsec1', ['--verify', ...trusted, ...idAttributes(ids), ...which, file])
      return true
    } catch {
      return false
    }
  }
  return {
    sign: (template, key, ids) => {
      const file = join(folder, 'template.xml')
      writeFileSync(file, template)
      const args = ['--sign', '--privkey-pem', keyFiles(folder, key), ...idAttributes(ids), file]
      return execFileSync('xmlsec1', args, { stdio: 'pipe' }).toString('utf8')
    },
    accepts: async (text, count, ids) => {
      files = (files + 1) % 16
      const file = join(folder, `mutant-${files}.xml`)
      await writeFile(file, text)
      for (let index = 0; index < count; index += 1) if (!(await accepts(file, index, ids))) return false
      return count > 0
    },
  }
}
