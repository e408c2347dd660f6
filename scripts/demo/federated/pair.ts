import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { NewFact } from '../../../src/domain/directory/fact.ts'
import { agencyFacts } from '../../../test/support/record-facts.ts'
import { makeDevCertificates } from '../../make-certs.ts'
import type { Services } from '../../services/index.ts'
import { createDatabase } from '../gateway.ts'
import { levelOneFacts } from '../world.ts'
import { type Member, type MemberPlan, prepareMember } from './member.ts'

/** A central and a provincial gateway, each a system of the other and a client of the other. */
export interface Pair {
  readonly central: Member
  readonly province: Member
}

export interface PairOptions {
  /** Takes what each of the two keeps. */
  readonly folder: string
  readonly services: Services
  /** Development certificates: the one CA of all agencies; made where they are not there. */
  readonly certificates: string
  /** For both, beside their own. */
  readonly variables?: Readonly<Record<string, string>>
}

export const CENTRE = { code: 'G22', name: 'Văn phòng Chính phủ' }
export const PROVINCE = { code: 'H17', name: 'UBND thành phố Đà Nẵng' }
export const WARD = { code: 'H17.201', name: 'UBND phường Hải Châu' }
export const COMMUNE = { code: 'H17.202', name: 'UBND xã Hòa Tiến' }

const local = ({ code, name }: { code: string; name: string }): NewFact[] =>
  agencyFacts({ code, name, tier: 'commune', parent: PROVINCE.code, validFrom: '2025-07-01' })

/** Both as they are before their processes start: directories filled, accounts given, connectors written. */
export async function preparePair(options: PairOptions): Promise<Pair> {
  const { folder, services, certificates, variables = {} } = options
  await makeDevCertificates(certificates)
  const facts = [...(await levelOneFacts()), ...local(WARD), ...local(COMMUNE)]
  const plan = async (
    name: string,
    place: number,
    given: Pick<MemberPlan, 'agency' | 'home'>,
  ): Promise<MemberPlan> => ({
    name,
    folder: join(folder, name),
    certificates: join(certificates, name),
    databaseUrl: await createDatabase(services.databaseUrl),
    redisUrl: redisOf(services.redisUrl, place),
    facts,
    variables,
    ...given,
  })
  const centralPlan = await plan('central', 1, { agency: CENTRE, home: ['G06', 'G09', CENTRE.code] })
  const provincePlan = await plan('province', 2, { agency: PROVINCE, home: [PROVINCE.code] })
  // Every agency's certificates are from the government's one CA; keys and seals are each gateway's own.
  for (const one of [centralPlan, provincePlan]) await shareCa(certificates, one.certificates)
  const [central, province] = await Promise.all([centralPlan, provincePlan].map(prepareMember))
  if (central === undefined || province === undefined) throw new Error('no gateways')
  await connect(central, province)
  await connect(province, central)
  return { central, province }
}

/** Gives `one` an account with `other`, and tells it where and how. */
async function connect(one: Member, other: Member): Promise<void> {
  const secret = await other.admit(one.plan)
  await one.connectTo([{ plan: other.plan, axisUrl: other.axisUrl, secret }])
}

/** Each gateway has a queue of its own: another database of the one Redis. */
const redisOf = (url: string | null, place: number): string | null =>
  url === null ? null : Object.assign(new URL(url), { pathname: `/${place}` }).href

async function shareCa(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  const names = (await readdir(from)).filter((name) => /^(root|issuing)-ca(\.key)?\.pem$/.test(name))
  for (const name of names) await copyFile(join(from, name), join(to, name))
}
