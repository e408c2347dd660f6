import { join } from 'node:path'
import { startServices } from '../../services/index.ts'
import { dropDatabases } from '../gateway.ts'
import { bold, dim, type Narrator } from '../narrator.ts'
import type { DemoOptions } from '../options.ts'
import { startDemoTsa } from '../time-stamping.ts'
import type { Participant } from '../world.ts'
import { CHAPTERS } from './chapters.ts'
import { federatedInvitations, type Host, operatorLines } from './invitation.ts'
import { type Ledger, summary } from './ledger.ts'
import type { Member } from './member.ts'
import { preparePair } from './pair.ts'
import { connectAgencies, type FederatedWorld } from './world.ts'

/** Two whole gateways on this machine, central and provincial, each a client of the other. */
export async function runFederated(
  folder: string,
  { queue, once }: DemoOptions,
  narrator: Narrator,
  interrupted: Promise<void>,
): Promise<void> {
  const services = await startServices({ folder: join(folder, 'services'), queue })
  const ends: (() => unknown)[] = [() => services.stop()]
  try {
    await dropDatabases(services.databaseUrl)
    const tsa = await startDemoTsa(join(folder, 'certs'))
    ends.push(() => tsa.stop())
    const pair = await preparePair({
      folder: join(folder, 'federated'),
      services,
      certificates: join(folder, 'certs'),
      variables: { TRAM_TSA_URL: tsa.url },
    })
    const members: readonly Member[] = [pair.central, pair.province]
    ends.push(() => Promise.all(members.map((member) => member.stop())))
    await Promise.all(members.map((member) => member.start()))
    for (const { plan, baseUrl, axisUrl } of members)
      narrator.say(`${plan.name} (${plan.agency.name}): ${baseUrl}, axis interface ${axisUrl}`)
    const play = async () => {
      const world = await connectAgencies(pair)
      const ledger: Ledger = []
      for (const chapter of CHAPTERS) await chapter(world, narrator, ledger)
      narrator.chapter('Sổ cái · What went over')
      for (const line of summary(ledger)) narrator.say(line)
      if (once) return
      invite(world)
      await interrupted
    }
    await Promise.race([play(), interrupted])
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

function invite({ pair, ministry, commune }: FederatedWorld): void {
  const hosts = [hostOf(pair.central, ministry), hostOf(pair.province, commune)] as const
  console.log(`\n${bold('Both gateways stay up. Try them / Hai trục vẫn chạy, hãy thử:')}`)
  const tries = federatedInvitations(...hosts)
  for (const { purpose, lines } of tries) {
    console.log(`  ${dim(`# ${purpose}`)}`)
    for (const line of lines) console.log(`  ${line}`)
  }
  for (const [index, { plan }] of [pair.central, pair.province].entries()) {
    console.log(`  ${dim(`# what the operators of ${plan.name} see (${plan.agency.name})`)}`)
    for (const line of operatorLines(hosts[index]!)) console.log(`  ${line}`)
  }
  console.log(`  ${dim('Ctrl-C ends it / Ctrl-C để dừng')}`)
}

const hostOf = ({ baseUrl, plan, operators }: Member, { agency, credentials }: Participant): Host => ({
  baseUrl,
  environmentFile: join(plan.folder, 'env'),
  admin: operators.admin,
  auditor: operators.auditor,
  agency,
  client: credentials,
})
