import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type ChainJob, chain } from '../../../../src/cli/chain.ts'
import { pemBlocks } from '../../../../src/signature/x509/pem.ts'
import { checkSignedDataDer } from '../../../../src/signature/x509/signed-data.ts'

/** Files of others that may not be shipped with this project: read where they lie beside it. */
const corpora = join(import.meta.dirname, '../../../../../shared/corpora')

interface PathCase {
  readonly id: string
  readonly kind?: string
  readonly file: string
  readonly time?: string
  readonly trustAnchor: string
  readonly chain: readonly string[]
  readonly crls: readonly string[]
  readonly policy?: Readonly<Record<string, string>>
  readonly params?: Readonly<Record<string, unknown>> | null
  readonly revocationChecked?: boolean
  readonly expect: { readonly verdict: string }
}

function casesOf(name: string): { folder: string; cases: readonly PathCase[] } {
  const folder = join(corpora, name)
  const path = join(folder, 'cases.json')
  return { folder, cases: existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).cases : [] }
}

const absent = (name: string) =>
  existsSync(join(corpora, name)) ? false : `${name} is not beside this project`

t.test('NIST PKITS, without settings of policies', { skip: absent('x509-pkits') }, async (t) => {
  const { folder, cases } = casesOf('x509-pkits')
  const plain = cases.filter(({ policy, params }) => Object.keys(policy ?? {}).length === 0 && !params)
  for (const { id, trustAnchor, chain: certificates, crls, revocationChecked, expect } of plain) {
    const job: ChainJob = {
      anchor: join(folder, trustAnchor),
      leaf: join(folder, certificates.at(-1)!),
      untrusted: certificates.slice(0, -1).map((file) => join(folder, file)),
      crl: revocationChecked === false ? [] : crls.map((file) => join(folder, file)),
      time: '2020-01-01T00:00:00Z',
    }
    const { verdict, reasons } = await chain(job)
    t.equal(verdict, expect.verdict, `${id} ${JSON.stringify(reasons)}`)
  }
})

t.test('CRLs and OCSP responses of BoringSSL', { skip: absent('crl-ocsp') }, async (t) => {
  const { folder, cases } = casesOf('crl-ocsp')
  for (const { id, kind, file, time, expect } of cases) {
    if (kind !== 'crl' && kind !== 'ocsp') continue
    const path = join(folder, file)
    const found = await chain({ anchor: path, leaf: path, [kind]: path, ...(time !== undefined && { time }) })
    t.equal(found.verdict, expect.verdict === 'good' ? 'valid' : 'invalid', id)
    t.equal(found.revocation[0]?.status ?? 'unknown', expect.verdict, id)
  }
})

t.test('what cannot be read ends no process', { skip: absent('crl-ocsp') }, async (t) => {
  const { folder, cases } = casesOf('crl-ocsp')
  for (const { id, file, expect } of cases.filter(({ expect: { verdict } }) => verdict === 'robustness')) {
    const path = join(folder, file)
    const { verdict } = await chain({ anchor: path, leaf: path, crl: path, ocsp: path })
    t.ok(['valid', 'invalid', 'unsupported'].includes(verdict), `${id} ${expect.verdict}`)
  }
})

t.test('bare signed data: kinds of keys, parameters, values', { skip: absent('crl-ocsp') }, async (t) => {
  const { folder, cases } = casesOf('crl-ocsp')
  for (const { id, file, expect } of cases.filter(({ kind }) => kind === 'signed-data')) {
    const blocks = new Map(pemBlocks(readFileSync(join(folder, file))).map(({ label, der }) => [label, der]))
    const block = (label: string) => blocks.get(label) ?? new Uint8Array()
    const fit = checkSignedDataDer(block('ALGORITHM'), block('PUBLIC KEY'), block('DATA'), block('SIGNATURE'))
    // ML-DSA is known from Node 24 on.
    if (fit === 'unsupported') t.match(id, /mldsa/)
    else t.equal(fit === 'fits', expect.verdict === 'valid', id)
  }
})
