import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { topAgencies } from '../../src/directory/seed/level-one.ts'
import { isFault, readFact } from '../../src/directory/seed/read-fact.ts'
import type { Act } from '../../src/domain/directory/act.ts'
import type { NewFact } from '../../src/domain/directory/fact.ts'
import { agencyCode } from '../../src/domain/identifiers.ts'
import { type SigningAgency, signingAgency } from '../../test/fakes/signing-agency.ts'
import type { DevCa } from '../make-certs.ts'
import { connectDms, type Dms } from './dms.ts'
import { type Credentials, type HttpClient, Refused } from './http-client.ts'
import type { Narrator } from './narrator.ts'

interface SeedAgency {
  readonly code: string
  readonly name: string
  readonly tier: string
  readonly parent?: string | null
  readonly validFrom: string
  readonly validTo: string | null
  readonly successor?: string | null
  /** The legal act by which it was merged; without one it simply closes. */
  readonly mergedBy?: string | null
  /** Its code of 13 characters (QCVN 102), in old documents. */
  readonly oldCodes?: readonly string[]
}

const LEVEL_1 = fileURLToPath(new URL('../../schemas/codes/level-1.ndjson', import.meta.url))

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
  readonly administrators: Administrators
  readonly agencies: number
  readonly ministry: Participant
  readonly province: Participant
  readonly ward: Participant
  readonly commune: Participant
  /** The code of the district that closed on 2025-07-01. */
  readonly closedDistrict: string
}

/** The two administrators: one writes what is to change, the other approves it. */
export interface Administrators {
  readonly author: HttpClient
  readonly approver: HttpClient
}

/** Fills the directory with the real level-1 codes and a small province, and connects the systems of four agencies. */
export async function seedWorld(
  administrators: Administrators,
  ca: DevCa,
  narrator: Narrator,
): Promise<World> {
  const all = [...(await levelOne()), ...LOCAL]
  // Whoever closes is there first, and so is its successor.
  const acts = [...all.map(establish), ...all.filter(({ validTo }) => validTo !== null).map(end)]
  await fillDirectory(administrators, acts, narrator)
  const { author } = administrators
  const connect = (code: string) =>
    connectParticipant(author, ca, all.find((agency) => agency.code === code)!)
  return {
    administrators,
    agencies: all.length,
    ministry: await connect('G06'),
    province: await connect('H17'),
    ward: await connect('H17.201'),
    commune: await connect('H17.202'),
    closedDistrict: 'H17.07',
  }
}

/** Level 1 as its facts tell of it, each agency by its latest name. */
async function levelOne(): Promise<SeedAgency[]> {
  const facts = await levelOneFacts()
  const mergers = new Map<string, string | null>()
  const oldCodes = new Map<string, string[]>()
  for (const { subject, kind, value } of facts) {
    if (kind === 'succession' && value.act === 'merge') mergers.set(subject, value.basis)
    if (kind === 'alias') oldCodes.set(subject, [...(oldCodes.get(subject) ?? []), value.alias])
  }
  return topAgencies(facts).map(({ from, to, heir, ...agency }) => ({
    ...agency,
    validFrom: from,
    validTo: to,
    successor: heir,
    mergedBy: mergers.get(agency.code) ?? null,
    oldCodes: oldCodes.get(agency.code) ?? [],
  }))
}

export async function levelOneFacts(): Promise<NewFact[]> {
  const lines = (await readFile(LEVEL_1, 'utf8')).trim().split('\n')
  return lines.flatMap((line, index) => {
    const read = readFact(line, index + 1)
    return isFault(read) ? [] : [read]
  })
}

async function fillDirectory(
  { author, approver }: Administrators,
  acts: readonly Act[],
  narrator: Narrator,
): Promise<void> {
  const draft = await submitActs(author, 'Danh bạ ban đầu · The first directory', acts)
  const alone = await approve(author, draft).catch((error: unknown) => {
    if (error instanceof Refused) return error.problem
    throw error
  })
  narrator.expect(
    `the administrator who wrote the directory cannot approve it (${'code' in alone ? String(alone.code) : ''})`,
    'code' in alone && alone.code === 'approval-refused',
    alone,
  )
  const { state } = await approve(approver, draft)
  narrator.expect(
    `${acts.length} acts written by one administrator and approved by another are in force`,
    state === 'in-force',
    state,
  )
}

/** Registers an agency, by a draft that one administrator writes and the other approves. */
export async function addAgency({ author, approver }: Administrators, agency: SeedAgency): Promise<void> {
  await approve(approver, await submitActs(author, `Thêm ${agency.code} · Add it`, [establish(agency)]))
}

export interface Draft {
  readonly id: string
  readonly version: number
  readonly contentSha256: string
  readonly state: string
}

const submitActs = (author: HttpClient, title: string, content: readonly Act[]): Promise<Draft> =>
  submitDraft(author, { kind: 'directory', title, content })

/** Writes a draft and submits it for approval. */
export async function submitDraft(
  author: HttpClient,
  draft: {
    readonly kind: 'directory' | 'routing'
    readonly title: string
    readonly content: readonly object[]
  },
): Promise<Draft> {
  const { id, version } = await author.post<Draft>('/admin/v1/drafts', draft)
  return author.post(`/admin/v1/drafts/${id}/submit`, undefined, { 'if-match': `"${version}"` })
}

export const approve = (approver: HttpClient, { id, version, contentSha256 }: Draft): Promise<Draft> =>
  approver.post(`/admin/v1/drafts/${id}/approve`, { version, contentSha256 })

const establish = ({ code, name, tier, parent, validFrom, oldCodes = [] }: SeedAgency): Act => ({
  act: 'establish',
  on: validFrom,
  code: agencyCode(code),
  name,
  tier,
  parent: parent == null ? null : agencyCode(parent),
  aliases: oldCodes.map((alias) => ({ alias, form: 'qcvn-13' })),
})

function end({ code, validTo, successor, mergedBy }: SeedAgency): Act {
  const facts = { on: validTo ?? '', children: 'stay' } as const
  const heir = successor == null ? null : agencyCode(successor)
  return heir !== null && mergedBy != null
    ? { act: 'merge', ...facts, codes: [agencyCode(code)], into: heir, basis: mergedBy }
    : { act: 'close', ...facts, code: agencyCode(code), successor: heir }
}

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

/** An agency's system, with an account of its own, and keys to sign with. */
export async function connectParticipant(
  admin: HttpClient,
  ca: DevCa,
  { code, name }: Pick<SeedAgency, 'code' | 'name'>,
): Promise<Participant> {
  const credentials = await addClient(admin, code, `DMS ${name}`)
  const dms = connectDms(admin.baseUrl, code, name, credentials)
  return { ...dms, signer: signingAgency({ ca, name, code }) }
}
