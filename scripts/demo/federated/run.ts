import { join } from 'node:path'
import { startServices } from '../../services/index.ts'
import { dropDatabases } from '../gateway.ts'
import { dim, type Narrator } from '../narrator.ts'
import type { DemoOptions } from '../options.ts'
import { startDemoTsa } from '../time-stamping.ts'
import { CHAPTERS } from './chapters.ts'
import { type Ledger, summary } from './ledger.ts'
import type { Member } from './member.ts'
import { preparePair } from './pair.ts'
import { connectAgencies } from './world.ts'

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
      invite(members)
      await interrupted
    }
    await Promise.race([play(), interrupted])
  } finally {
    for (const end of ends.reverse()) await end()
  }
}

function invite(members: readonly Member[]): void {
  console.log('\nBoth gateways stay up / Hai trục vẫn chạy:')
  for (const { plan, baseUrl, operators } of members) {
    console.log(
      `  ${plan.name}: ${baseUrl}  auditor ${operators.auditor.clientId}:${operators.auditor.clientSecret}`,
    )
    console.log(`    set -a; . ${join(plan.folder, 'env')}; set +a; npx tram delivery list`)
  }
  console.log(`  ${dim('Ctrl-C ends it / Ctrl-C để dừng')}`)
}
