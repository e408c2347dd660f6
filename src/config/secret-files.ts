import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CONFIG_VARIABLES, type ProcessKind, type VariableName, type VariableRow } from './variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A file whose content, or whose change by somebody else, gives the gateway away. */
export interface GuardedFile {
  /** The variable, or the connector and its field, that names it. */
  readonly named: string
  readonly path: string
  /** What nobody else may do with it: learn the secret, or send all documents elsewhere. */
  readonly guards: 'reading' | 'writing'
}

const SECRETS = [
  'TRAM_SEAL_KEY',
  'TRAM_SEAL_PASSPHRASE_FILE',
  'TRAM_TOKEN_KEY',
  'TRAM_PUSH_KEY',
  'TRAM_TLS_KEY',
  'TRAM_AXIS_TLS_KEY',
  'TRAM_AXIS_SECRETS',
  'TRAM_AGENCY_KEYS_SECRET',
] as const satisfies readonly VariableName[]

/** The files that the configuration of these processes names and that must be guarded, each once. */
export function guardedFiles(processes: readonly ProcessKind[], environment: Environment): GuardedFile[] {
  const rowOf = (name: VariableName): VariableRow => CONFIG_VARIABLES[name]
  const isRead = (name: VariableName) => processes.some((one) => rowOf(name).usedBy.includes(one))
  const own = SECRETS.filter(isRead).flatMap((named) => {
    const path = environment[named]
    const isFile = path && !/^pkcs11:/i.test(path)
    return isFile ? [{ named, path: resolve(path), guards: 'reading' as const }] : []
  })
  const { TRAM_CONNECTORS: connectors } = environment
  return connectors ? [...own, ...filesOfConnectors(resolve(connectors))] : own
}

/** The file of connectors itself, and the secrets that it names; what cannot be read there is told where it is loaded. */
function filesOfConnectors(path: string): GuardedFile[] {
  const self: GuardedFile = { named: 'TRAM_CONNECTORS', path, guards: 'writing' }
  try {
    const { connectors }: { connectors?: unknown } = JSON.parse(readFileSync(path, 'utf8'))
    const entries: readonly unknown[] = Array.isArray(connectors) ? connectors : []
    return [self, ...entries.flatMap((entry) => secretsOf(entry, dirname(path)))]
  } catch {
    return [self]
  }
}

const secretsOf = (entry: unknown, folder: string): GuardedFile[] =>
  Object.entries(Object(entry)).flatMap(([field, value]) =>
    (field === 'secretFile' || field === 'keyFile') && typeof value === 'string'
      ? [
          {
            named: `${Object(entry).name}.${field}`,
            path: resolve(folder, value),
            guards: 'reading' as const,
          },
        ]
      : [],
  )
