import { type ClientRecord, listClients } from '../db/clients.ts'
import { createClient, revokeClient } from '../directory/clients.ts'
import type { Role } from '../domain/caller.ts'
import { code, count, oneOf, readArguments, required } from './arguments.ts'
import { operator, printTable, withDatabase } from './with-database.ts'

const ROLES: Record<Role, true> = { agency: true, admin: true, auditor: true }

/** `tram client add ID`: the secret is printed this once; with `--no-secret` the client is to prove itself by keys. */
export function clientAdd(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['ID'], {
    role: { type: 'string' },
    agency: { type: 'string' },
    name: { type: 'string' },
    'no-secret': { type: 'boolean', default: false },
  })
  const client = {
    clientId: positionals[0]!,
    role: oneOf('role', required('role', values.role), ROLES),
    agency: values.agency === undefined ? null : code(values.agency),
    name: required('name', values.name),
  }
  return withDatabase(async (pool) => {
    const options = { withSecret: !values['no-secret'] }
    const { secret } = await createClient(pool, client, operator().clientId, options)
    console.log(JSON.stringify({ clientId: client.clientId, secret }, null, 2))
  })
}

/** `tram client list`: in the order of their ids, after `--after`; never their secrets. */
export function clientList(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    agency: { type: 'string' },
    after: { type: 'string' },
    limit: { type: 'string', default: '100' },
  })
  const page = {
    limit: count('limit', values.limit),
    ...(values.after !== undefined && { after: values.after }),
    ...(values.agency !== undefined && { agency: code(values.agency) }),
  }
  return withDatabase(async (pool) => printTable((await listClients(pool, page)).map(rowOf)))
}

const rowOf = ({ clientId, role, agency, revokedAt, name }: ClientRecord) => [
  clientId,
  role,
  agency,
  revokedAt === null ? 'active' : `revoked ${revokedAt.toISOString()}`,
  name,
]

/** `tram client revoke ID`: for good. */
export function clientRevoke(args: string[]): Promise<number> {
  const { positionals } = readArguments(args, ['ID'], {})
  return withDatabase((pool) => revokeClient(pool, positionals[0]!, operator().clientId))
}
