import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { QueueChoice } from '../services/index.ts'
import { type DemoGateway, startDemoGateway } from './gateway.ts'
import { httpClient } from './http-client.ts'
import { bold, createNarrator, dim } from './narrator.ts'
import { CHAPTERS } from './scenario.ts'
import { sendPacket } from './send-packet.ts'
import { seedWorld, type World } from './world.ts'

const USAGE = `npm run demo [-- options]

Starts a whole gateway on this machine, lets a ministry, a province and two communes exchange documents through it, and
stays up for you to try it.
  --once            ends by itself; exit code 0 only if everything expected was observed
  --queue KIND      where the queue stands: auto (the default: Redis where there is one), redis, postgres
  --packet FILE     sends an edXML file of your own through the same gateway, and ends
`

const FOLDER = fileURLToPath(new URL('../../.tram/demo', import.meta.url))
const QUEUES: Record<QueueChoice, true> = { auto: true, redis: true, postgres: true }

async function main(): Promise<number> {
  const options = readOptions()
  if (options === undefined) return 2
  const narrator = createNarrator()
  narrator.chapter('Tram, a gateway for official documents / Trạm, trục liên thông văn bản')
  const gateway = await startDemoGateway({ folder: FOLDER, queue: options.queue, say: narrator.say })
  const interrupted = nextSignal()
  try {
    const admin = httpClient(gateway.baseUrl, gateway.admin)
    if (options.packet !== undefined) {
      await sendPacket(admin, options.packet, narrator)
    } else {
      const world = await seedWorld(admin, gateway.ca)
      narrator.say(`${world.agencies} agencies are in the directory`)
      for (const chapter of CHAPTERS) await chapter(world, narrator)
      if (!options.once) {
        invite(gateway, world)
        await interrupted
      }
    }
  } finally {
    await gateway.stop()
  }
  const { expected, missed } = narrator
  console.log(`\n${bold(`${expected - missed.length} of ${expected} expected outcomes observed`)}`)
  for (const what of missed) console.log(`  missing: ${what}`)
  return missed.length === 0 && expected > 0 ? 0 : 1
}

function readOptions(): { once: boolean; queue: QueueChoice; packet: string | undefined } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean', default: false },
        queue: { type: 'string' },
        packet: { type: 'string' },
      },
    })
    const queue = values.queue ?? 'auto'
    if (!Object.hasOwn(QUEUES, queue)) throw new Error(`--queue ${queue}`)
    return { once: values.once, queue: queue as QueueChoice, packet: values.packet }
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`)
    return undefined
  }
}

/** What a reader may try now, ready to be copied. */
function invite(gateway: DemoGateway, { ministry, commune }: World): void {
  const { baseUrl } = gateway
  const token = (name: string, { clientId, clientSecret }: { clientId: string; clientSecret: string }) =>
    `${name}=$(curl -s -u '${clientId}:${clientSecret}' -d grant_type=client_credentials ${baseUrl}/oauth2/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`
  console.log(`
${bold('The gateway stays up. Try it / Trục vẫn chạy, hãy thử:')}
  ${dim('# tokens: a commune, the ministry, an administrator, an auditor')}
  ${token('COMMUNE', commune.credentials)}
  ${token('MINISTRY', ministry.credentials)}
  ${token('ADMIN', gateway.admin)}
  ${token('AUDITOR', gateway.auditor)}
  ${dim('# what lies in an inbox; what the ministry has sent; who waits; who has seen what')}
  curl -s -H "Authorization: Bearer $COMMUNE" '${baseUrl}/v1/inbox'
  curl -s -H "Authorization: Bearer $MINISTRY" '${baseUrl}/v1/documents'
  curl -s -H "Authorization: Bearer $ADMIN" '${baseUrl}/admin/v1/health'
  curl -s -H "Authorization: Bearer $AUDITOR" '${baseUrl}/auditor/v1/documents?subject=lien%20thong'
  ${dim('# the ministry sends a letter with a file of yours to the commune')}
  curl -s -H "Authorization: Bearer $MINISTRY" -F 'header={"to":[{"organId":"${commune.agency}"}],"codeNumber":"200","codeNotation":"BKHCN-VP","subject":"Thư thử","promulgationDate":"2026/11/20","documentType":{"typeName":"Công văn"},"signer":{"fullName":"Nguyễn Văn Mẫu"}};type=application/json' -F 'file=@README.md' ${baseUrl}/v1/documents

  OpenAPI:  ${baseUrl}/v1/openapi.json   ${baseUrl}/admin/v1/openapi.json   ${baseUrl}/auditor/v1/openapi.json
  Health:   ${baseUrl}/readyz   ${baseUrl}/metrics
  ${dim('Ctrl-C ends it / Ctrl-C để dừng')}`)
}

const nextSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

process.exitCode = await main()
