import { loadConfig } from '../config.ts'
import { listAxisSecrets } from '../db/axis-secrets.ts'
import { listAxisSystems } from '../db/axis-systems.ts'
import { databaseNow } from '../db/now.ts'
import {
  type AxisSystemChange,
  changeAxisSystem,
  createAxisSystem,
  present,
  revokeAxisSystem,
  rotateAxisSecret,
} from '../directory/axis-systems.ts'
import {
  AXIS_RIGHTS,
  type AxisSystem,
  DEFAULT_CLOCK_TOLERANCE_SECONDS,
  type ServedAgency,
} from '../domain/axis/axis-system.ts'
import type { SecretBox } from '../domain/secret-box.ts'
import { secretBox } from '../sealing/secret-box.ts'
import { code, count, oneOf, readArguments, required } from './arguments.ts'
import { UsageError } from './usage-error.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

const SETTINGS = {
  serves: { type: 'string', multiple: true },
  'serves-beneath': { type: 'string', multiple: true },
  right: { type: 'string', multiple: true },
  network: { type: 'string', multiple: true },
  certificate: { type: 'string' },
  'clock-tolerance': { type: 'string' },
} as const

interface Settings {
  readonly serves?: string[]
  readonly 'serves-beneath'?: string[]
  readonly right?: string[]
  readonly network?: string[]
  readonly certificate?: string
  readonly 'clock-tolerance'?: string
}

/** What is named; a list that is named replaces the whole list, and an empty text empties it. */
function changeOf(values: Settings): AxisSystemChange {
  const { certificate, 'clock-tolerance': tolerance } = values
  const names = values.serves !== undefined || values['serves-beneath'] !== undefined
  return {
    ...(names && { serves: servesOf(values) }),
    ...(values.right !== undefined && {
      rights: given(values.right).map((right) => oneOf('right', right, AXIS_RIGHTS)),
    }),
    ...(values.network !== undefined && { networks: given(values.network) }),
    ...(certificate !== undefined && { certificateSha256: certificate.toLowerCase() || null }),
    ...(tolerance !== undefined && { clockToleranceSeconds: seconds('clock-tolerance', tolerance) }),
  }
}

const given = (texts: readonly string[]): string[] => texts.filter((text) => text !== '')

const servesOf = (values: Settings): ServedAgency[] => [
  ...(values.serves ?? []).map((text) => ({ code: code(text), withBeneath: false })),
  ...(values['serves-beneath'] ?? []).map((text) => ({ code: code(text), withBeneath: true })),
]

/** @throws UsageError */
function seconds(name: string, text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new UsageError(`--${name}: ${text} is no number of seconds`)
  return Number(text)
}

/** @throws UsageError */
function box(): SecretBox {
  const { axisSecret } = loadConfig('api')
  if (axisSecret === null) throw new UsageError('TRAM_AXIS_SECRETS is not set')
  return secretBox(axisSecret, 'axis-secrets')
}

/** `tram axis-system create ID`: the secret is printed this once. Its own agency is served where nothing else is said. */
export async function axisSystemCreate(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], {
    name: { type: 'string' },
    agency: { type: 'string' },
    ...SETTINGS,
  })
  const agency = code(required('agency', values.agency))
  const system = {
    systemId: positionals[0]!,
    name: required('name', values.name),
    agency,
    serves: [{ code: agency, withBeneath: false }],
    rights: [],
    networks: [],
    certificateSha256: null,
    clockToleranceSeconds: DEFAULT_CLOCK_TOLERANCE_SECONDS,
    ...changeOf(values),
  }
  const kept = box()
  return withDatabase(async (pool) => {
    const { secret } = await createAxisSystem(pool, kept, system, operator().clientId)
    console.log(JSON.stringify({ systemId: system.systemId, secret }, null, 2))
  })
}

/** `tram axis-system change ID`: what is not named stays. */
export async function axisSystemChange(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], SETTINGS)
  const change = changeOf(values)
  if (Object.keys(change).length === 0) throw new UsageError('nothing is to be changed')
  return withDatabase(async (pool) => {
    const system = await changeAxisSystem(pool, positionals[0]!, change, operator().clientId)
    console.log(JSON.stringify(system, null, 2))
  })
}

/** `tram axis-system list`: in the order of their ids, after `--after`; never their secrets. */
export function axisSystemList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    after: { type: 'string' },
    limit: { type: 'string', default: '100' },
  })
  const page = { after: values.after, limit: count('limit', values.limit) }
  return withDatabase(async (pool) => printTable((await listAxisSystems(pool, page)).map(rowOf)))
}

const rowOf = (system: Omit<AxisSystem, 'proposal'> & { readonly proposal: object | null }) => [
  system.systemId,
  system.agency,
  `${system.serves.length}${system.serves.some(({ withBeneath }) => withBeneath) ? '+' : ''}`,
  system.rights.join(',') || null,
  system.revokedAt !== null
    ? `revoked ${system.revokedAt.toISOString()}`
    : system.proposal === null
      ? 'active'
      : 'active, proposal waits',
  system.name,
]

/** `tram axis-system show ID`: everything but its secrets, of which only the times are told. */
export function axisSystemShow(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  return withDatabase(async (pool) => {
    const system = await present(pool, positionals[0]!)
    const secrets = (await listAxisSecrets(pool, system.systemId)).map(({ createdAt, expiresAt }) => ({
      createdAt,
      expiresAt,
    }))
    console.log(JSON.stringify({ ...system, secrets }, null, 2))
  })
}

/** `tram axis-system rotate ID`: prints the new secret this once; the earlier ones work for `--grace` seconds more. */
export async function axisSystemRotate(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], {
    grace: { type: 'string', default: '86400' },
  })
  const [systemId, grace, kept] = [positionals[0]!, seconds('grace', values.grace), box()]
  return withDatabase(async (pool) => {
    const oldValidUntil = new Date((await databaseNow(pool)).getTime() + grace * 1_000)
    const { secret } = await rotateAxisSecret(pool, kept, systemId, oldValidUntil, operator().clientId)
    console.log(JSON.stringify({ systemId, secret, oldValidUntil }, null, 2))
  })
}

/** `tram axis-system revoke ID`: for good, with its client. */
export function axisSystemRevoke(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  return withDatabase((pool) => revokeAxisSystem(pool, positionals[0]!, operator().clientId))
}
