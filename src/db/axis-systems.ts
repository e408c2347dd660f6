import type { AxisReach, AxisRight, AxisSystem, ServedAgency } from '../domain/axis/axis-system.ts'
import { agencyCode } from '../domain/identifiers.ts'
import type { Queryable, Transaction } from './pool.ts'

/** A system as it is stored; the digest of what is proposed for it is for its reader to make. */
export interface StoredAxisSystem extends Omit<AxisSystem, 'proposal'> {
  readonly createdAt: Date
  readonly proposal: StoredProposal | null
}

export interface StoredProposal extends AxisReach {
  readonly proposedBy: string
  readonly proposedAt: Date
}

interface ServedRow {
  code: string
  withBeneath: boolean
}

interface Row {
  system_id: string
  name: string
  agency_code: string
  serves: ServedRow[]
  rights: AxisRight[]
  networks: string[]
  certificate_sha256: string | null
  clock_tolerance: number
  revoked_at: Date | null
  created_at: Date
  proposed_serves: ServedRow[] | null
  proposed_rights: AxisRight[] | null
  proposed_networks: string[] | null
  proposed_certificate: string | null
  proposed_by: string | null
  proposed_at: Date | null
}

const SELECT = `select axis_system.system_id, client.name, client.agency_code,
    array(select json_build_object('code', agency_code, 'withBeneath', with_beneath) from axis_served
      where axis_served.system_id = axis_system.system_id order by agency_code) as serves,
    axis_system.rights, axis_system.networks::text[] as networks, client.certificate_sha256,
    axis_system.clock_tolerance, client.revoked_at, client.created_at,
    axis_proposal.serves as proposed_serves, axis_proposal.rights as proposed_rights,
    axis_proposal.networks::text[] as proposed_networks, axis_proposal.certificate_sha256 as proposed_certificate,
    axis_proposal.proposed_by, axis_proposal.proposed_at
  from axis_system join client on client.client_id = axis_system.system_id
    left join axis_proposal on axis_proposal.system_id = axis_system.system_id` as const

const toServed = ({ code, withBeneath }: ServedRow): ServedAgency => ({ code: agencyCode(code), withBeneath })

const toSystem = (row: Row): StoredAxisSystem => ({
  systemId: row.system_id,
  name: row.name,
  agency: agencyCode(row.agency_code),
  serves: row.serves.map(toServed),
  rights: row.rights,
  networks: row.networks,
  certificateSha256: row.certificate_sha256,
  clockToleranceSeconds: row.clock_tolerance,
  revokedAt: row.revoked_at,
  createdAt: row.created_at,
  proposal: toProposal(row),
})

const toProposal = (row: Row): StoredProposal | null =>
  row.proposed_by === null
    ? null
    : {
        serves: row.proposed_serves!.map(toServed),
        rights: row.proposed_rights!,
        networks: row.proposed_networks!,
        certificateSha256: row.proposed_certificate,
        proposedBy: row.proposed_by,
        proposedAt: row.proposed_at!,
      }

export async function findAxisSystem(db: Queryable, systemId: string): Promise<StoredAxisSystem | undefined> {
  const { rows } = await db.query<Row>({
    name: 'find-axis-system',
    text: `${SELECT} where axis_system.system_id = $1`,
    values: [systemId],
  })
  return rows[0] && toSystem(rows[0])
}

/** One page of systems in the order of their ids, those after `after`; also revoked ones. */
export async function listAxisSystems(
  db: Queryable,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<StoredAxisSystem[]> {
  const { rows } = await db.query<Row>(
    `${SELECT} where axis_system.system_id > $1 order by axis_system.system_id limit $2`,
    [page.after ?? '', page.limit],
  )
  return rows.map(toSystem)
}

/** What a system has beside its client and its agencies. */
export type AxisSettings = Pick<AxisSystem, 'rights' | 'networks' | 'clockToleranceSeconds'>

/** Networks without the bits of hosts, each once, in an order. @param networks CIDR, or addresses alone */
export async function canonicalNetworks(db: Queryable, networks: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ network: string }>(
    'select distinct network(one)::text as network from unnest($1::inet[]) as one order by 1',
    [networks],
  )
  return rows.map(({ network }) => network)
}

/** Adds a system to its client, which is there already. @param networks canonical */
export async function insertAxisSystem(
  db: Transaction,
  systemId: string,
  { rights, networks, clockToleranceSeconds }: AxisSettings,
): Promise<void> {
  await db.query(
    `insert into axis_system (system_id, clock_tolerance, rights, networks)
      values ($1, $2, $3, $4)`,
    [systemId, clockToleranceSeconds, rights, networks],
  )
}

export async function updateAxisSystem(
  db: Transaction,
  systemId: string,
  { rights, networks, clockToleranceSeconds }: AxisSettings,
): Promise<void> {
  await db.query(
    'update axis_system set clock_tolerance = $2, rights = $3, networks = $4 where system_id = $1',
    [systemId, clockToleranceSeconds, rights, networks],
  )
}

/** Sets whom a system serves; others it serves no longer. */
export async function replaceServed(
  db: Transaction,
  systemId: string,
  serves: readonly ServedAgency[],
): Promise<void> {
  await db.query('delete from axis_served where system_id = $1', [systemId])
  await db.query(
    `insert into axis_served (system_id, agency_code, with_beneath)
      select $1, code, with_beneath from unnest($2::text[], $3::boolean[]) as given (code, with_beneath)`,
    [systemId, serves.map(({ code }) => code), serves.map(({ withBeneath }) => withBeneath)],
  )
}

/** Keeps what is proposed for a system in the place of what was proposed before; null takes it away. */
export async function replaceProposal(
  db: Transaction,
  systemId: string,
  proposal: (AxisReach & { readonly proposedBy: string }) | null,
): Promise<void> {
  await db.query('delete from axis_proposal where system_id = $1', [systemId])
  if (proposal === null) return
  const { serves, rights, networks, certificateSha256, proposedBy } = proposal
  await db.query(
    `insert into axis_proposal (system_id, serves, rights, networks, certificate_sha256, proposed_by)
      values ($1, $2, $3, $4, $5, $6)`,
    [systemId, JSON.stringify(serves), rights, networks, certificateSha256, proposedBy],
  )
}
