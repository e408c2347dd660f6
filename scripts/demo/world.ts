import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type SigningAgency, signingAgency } from '../../test/fakes/signing-agency.ts'
import type { DevCa } from '../make-certs.ts'
import { connectDms, type Dms } from './dms.ts'
import type { Credentials, HttpClient } from './http-client.ts'

interface SeedAgency {
  readonly code: string
  readonly name: string
  readonly tier: string
  readonly parent?: string | null
  readonly validFrom: string
  readonly validTo: string | null
  readonly successor?: string | null
}

const LEVEL_1 = fileURLToPath(new URL('../../schemas/codes/level-1.json', import.meta.url))

/** Codes below level 1 are given by each province itself; these are invented. */
const LOCAL: readonly SeedAgency[] = [
  {
    code: 'H17.07',
    name: 'UBND huyện Hòa Vang',
    tier: 'district',
    parent: 'H17',
    validFrom: '2020-09-15',
    validTo: '2025-07-01',
  },
  {
    code: 'H17.201',
    name: 'UBND phường Hải Châu',
    tier: 'commune',
    parent: 'H17',
    validFrom: '2025-07-01',
    validTo: null,
  },
  {
    code: 'H17.202',
    name: 'UBND xã Hòa Tiến',
    tier: 'commune',
    parent: 'H17',
    validFrom: '2025-07-01',
    validTo: null,
  },
]

/** One agency of the demo: its DMS, and its keys to sign with. */
export interface Participant extends Dms {
  readonly signer: SigningAgency
}

export interface World {
  readonly admin: HttpClient
  readonly agencies: number
  readonly ministry: Participant
  readonly province: Participant
  readonly ward: Participant
  readonly commune: Participant
  /** The code of the district that closed on 2025-07-01. */
  readonly closedDistrict: string
}

/** Fills the directory with the real level-1 codes and a small province, and connects the systems of four agencies. */
export async function seedWorld(admin: HttpClient, ca: DevCa): Promise<World> {
  const { agencies } = JSON.parse(await readFile(LEVEL_1, 'utf8')) as { agencies: SeedAgency[] }
  // A successor must be there before the agency that names it.
  const inOrder = [
    ...agencies.filter(({ successor }) => !successor),
    ...agencies.filter(({ successor }) => successor),
    ...LOCAL,
  ]
  for (const agency of inOrder) await addAgency(admin, agency)
  const connect = (code: string) =>
    connectParticipant(admin, ca, inOrder.find((agency) => agency.code === code)!)
  return {
    admin,
    agencies: inOrder.length,
    ministry: await connect('G06'),
    province: await connect('H17'),
    ward: await connect('H17.201'),
    commune: await connect('H17.202'),
    closedDistrict: 'H17.07',
  }
}

export const addAgency = (admin: HttpClient, agency: SeedAgency): Promise<unknown> =>
  admin.post('/admin/v1/agencies', {
    code: agency.code,
    name: agency.name,
    tier: agency.tier,
    parent: agency.parent ?? null,
    validFrom: agency.validFrom,
    validTo: agency.validTo,
    successor: agency.successor ?? null,
  })

export const addClient = async (admin: HttpClient, agency: string, name: string): Promise<Credentials> => {
  const clientId = `dms-${agency.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
  const { secret } = await admin.post<{ secret: string }>('/admin/v1/clients', {
    clientId,
    role: 'agency',
    agency,
    name,
  })
  return { clientId, clientSecret: secret }
}

async function connectParticipant(
  admin: HttpClient,
  ca: DevCa,
  { code, name }: SeedAgency,
): Promise<Participant> {
  const credentials = await addClient(admin, code, `DMS ${name}`)
  const dms = connectDms(admin.baseUrl, code, name, credentials)
  return { ...dms, signer: signingAgency({ ca, name, code }) }
}
