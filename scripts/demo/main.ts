import { join, relative } from 'node:path'
import { claimFolder, DemoRunning } from './claim.ts'
import { runFederated } from './federated/run.ts'
import { type DemoGateway, startDemoGateway } from './gateway.ts'
import { httpClient } from './http-client.ts'
import { invitations } from './invitation.ts'
import { bold, createNarrator, dim, type Narrator } from './narrator.ts'
import { type DemoOptions, readOptions } from './options.ts'
import { CHAPTERS } from './scenario.ts'
import { sendPacket } from './send-packet.ts'
import { seedWorld, type World } from './world.ts'

async function main(): Promise<number> {
  const options = await readOptions()
  if (options === undefined) return 2
  const interrupted = nextSignal()
  const narrator = createNarrator()
  const release = await claimFolder(options.folder)
  try {
    narrator.chapter('Tram, a gateway for official documents / Trạm, trục liên thông văn bản')
    await (options.federated ? runFederated : runAlone)(options.folder, options, narrator, interrupted)
  } finally {
    await release()
  }
  const { expected, missed } = narrator
  console.log(`\n${bold(`${expected - missed.length} of ${expected} expected outcomes observed`)}`)
  for (const what of missed) console.log(`  missing: ${what}`)
  return missed.length === 0 && expected > 0 ? 0 : 1
}

async function runAlone(
  folder: string,
  options: DemoOptions,
  narrator: Narrator,
  interrupted: Promise<void>,
): Promise<void> {
  const gateway = await startDemoGateway({ folder, queue: options.queue, say: narrator.say })
  try {
    await Promise.race([play(gateway, options, narrator, interrupted), interrupted])
  } finally {
    await gateway.stop()
  }
}

async function play(
  gateway: DemoGateway,
  { packet, once, folder }: DemoOptions,
  narrator: Narrator,
  interrupted: Promise<void>,
): Promise<void> {
  const administrators = {
    author: httpClient(gateway.baseUrl, gateway.admin),
    approver: httpClient(gateway.baseUrl, gateway.approver),
  }
  const world = await seedWorld(administrators, gateway.ca, narrator)
  narrator.say(`${world.agencies} agencies are in the directory`)
  if (packet !== undefined) return sendPacket(world, packet, narrator)
  for (const chapter of CHAPTERS) await chapter(world, narrator)
  if (once) return
  invite(gateway, world, relative('.', join(folder, 'run/env')))
  await interrupted
}

function invite(
  { baseUrl, axisUrl, admin, auditor }: DemoGateway,
  { ministry, commune }: World,
  variables: string,
): void {
  console.log(`\n${bold('The gateway stays up. Try it / Trục vẫn chạy, hãy thử:')}`)
  const guests = {
    baseUrl,
    admin,
    auditor,
    ministry: ministry.credentials,
    commune: commune.credentials,
    communeCode: commune.agency,
  }
  for (const { purpose, lines } of invitations(guests)) {
    console.log(`  ${dim(`# ${purpose}`)}`)
    for (const line of lines) console.log(`  ${line}`)
  }
  console.log(`
  OpenAPI:  ${baseUrl}/v1/openapi.json   ${baseUrl}/admin/v1/openapi.json   ${baseUrl}/auditor/v1/openapi.json
  Health:   ${baseUrl}/readyz   ${baseUrl}/metrics
  Axis interface (docs/how-to/axis.md): ${axisUrl}
  Commands: set -a; . ${variables}; set +a; npx tram delivery list
  ${dim('Ctrl-C ends it / Ctrl-C để dừng')}`)
}

const nextSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

/** What stopped the demo, for people. A PostgreSQL that has the folder is that of a demo which was killed just now. */
function reasonOf(error: unknown): string {
  if (error instanceof DemoRunning) return error.message
  const message = error instanceof Error ? error.message : String(error)
  if (message.includes('postmaster.pid')) return new DemoRunning().message
  return `Bản trình diễn dừng lại vì lỗi / The demo stopped on an error: ${message}`
}

const exitCode = await main().catch((error: unknown) => {
  console.error(reasonOf(error))
  return 1
})
// A chapter that was broken off may still be following a document.
process.exit(exitCode)
