import { readFile } from 'node:fs/promises'
import { loadConfig } from '../config.ts'
import { type AgencyKeyRecord, listAgencyKeys } from '../db/agency-keys.ts'
import { type KeyHandover, registerAgencyKey, revokeKey } from '../sealing/register-key.ts'
import { secretBox } from '../sealing/secret-box.ts'
import { loadTrustStore } from '../signature/trust-store.ts'
import { code, readArguments, required, uuid } from './arguments.ts'
import { UsageError } from './usage-error.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

/** `tram agency-key add CODE`: passphrase and PIN come from files, so that they stand in no list of processes. */
export async function agencyKeyAdd(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['CODE'], {
    p12: { type: 'string' },
    token: { type: 'string' },
    'passphrase-file': { type: 'string' },
    chain: { type: 'string' },
    image: { type: 'string' },
    'width-mm': { type: 'string' },
    'name-differs': { type: 'boolean', default: false },
  })
  const agency = code(positionals[0]!)
  const { agencyKeysSecret: secret, trust: trustFolder } = loadConfig('api')
  if (secret === null) throw new UsageError('TRAM_AGENCY_KEYS_SECRET is not set')
  const handover = await handoverOf(values)
  const image = values.image === undefined ? undefined : await readFile(values.image)
  const seal = image && { image, widthMm: millimetres(required('width-mm', values['width-mm'])) }
  return withDatabase(async (pool) => {
    const key = { agency, handover, ...(seal && { seal }), confirmName: values['name-differs'] }
    const keeping = { pool, box: secretBox(secret), trust: await loadTrustStore(trustFolder) }
    const { id, subject, notAfter } = await registerAgencyKey(keeping, key, operator().clientId)
    console.log(JSON.stringify({ id, agency, subject, notAfter }, null, 2))
  })
}

interface Values {
  readonly p12?: string
  readonly token?: string
  readonly 'passphrase-file'?: string
  readonly chain?: string
}

async function handoverOf(values: Values): Promise<KeyHandover> {
  const passphraseFile = values['passphrase-file']
  const passphrase =
    passphraseFile === undefined ? undefined : (await readFile(passphraseFile, 'utf8')).replace(/\r?\n$/, '')
  if ((values.p12 === undefined) === (values.token === undefined))
    throw new UsageError('--p12 or --token, one of them')
  if (values.p12 !== undefined)
    return {
      kind: 'pkcs12',
      file: await readFile(values.p12),
      passphrase: required('passphrase-file', passphrase),
    }
  return {
    kind: 'token',
    uri: values.token!,
    ...(passphrase !== undefined && { pin: passphrase }),
    ...(values.chain !== undefined && { chain: await readFile(values.chain) }),
  }
}

function millimetres(text: string): number {
  const value = Number(text)
  if (!(value >= 10 && value <= 80)) throw new UsageError('--width-mm is 10 to 80')
  return value
}

/** `tram agency-key list`. */
export function agencyKeyList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    agency: { type: 'string' },
    all: { type: 'boolean', default: false },
  })
  const filter = {
    withRevoked: values.all,
    ...(values.agency !== undefined && { agency: code(values.agency) }),
  }
  return withDatabase(async (pool) => printTable((await listAgencyKeys(pool, filter)).map(rowOf)))
}

const rowOf = ({ id, agency, kind, notAfter, revokedAt, subject }: AgencyKeyRecord) => [
  id,
  agency,
  kind,
  revokedAt === null ? `until ${notAfter.toISOString().slice(0, 10)}` : 'revoked',
  subject,
]

/** `tram agency-key revoke ID`: for good. */
export function agencyKeyRevoke(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  return withDatabase((pool) => revokeKey(pool, uuid(positionals[0]!), operator().clientId))
}
