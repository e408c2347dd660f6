import { axisClient } from '../../../src/axis/client.ts'
import type { AxisClient } from '../../../src/axis/client-types.ts'
import type { Connector } from '../../../src/domain/axis/connector.ts'
import type { BenchSystem } from './world.ts'

/** A client as a document system has it, with a connection of its own. */
export function clientOf(url: string, { systemId, secret }: BenchSystem): AxisClient {
  const connector: Connector = {
    name: systemId,
    channel: 'national-axis',
    gateway: null,
    url,
    systemId,
    secret,
    addsTraceHeader: false,
    pollSeconds: 300,
    timeoutMs: 60_000,
    authorities: null,
    clientCertificate: null,
  }
  return axisClient(connector, { maxPacketBytes: 1_000_000 })
}

const failed = (operation: string, reason: unknown): Error =>
  new Error(`${operation} failed: ${JSON.stringify(reason)}`)

/** What systems ask for again and again. Each gives how many packets it was told of. */
export const QUESTIONS = {
  'getReceivedEdocList, edoc': async (client: AxisClient) => {
    const answer = await client.getReceivedEdocList({ messageType: 'edoc' })
    if (!answer.ok) throw failed('getReceivedEdocList', answer.failure)
    return answer.value.items.length
  },
  'getReceivedEdocList, status': async (client: AxisClient) => {
    const answer = await client.getReceivedEdocList({ messageType: 'status' })
    if (!answer.ok) throw failed('getReceivedEdocList', answer.failure)
    return answer.value.items.length
  },
  getSentEdocList: async (client: AxisClient) => {
    const answer = await client.getSentEdocList({ messageType: 'edoc' })
    if (!answer.ok) throw failed('getSentEdocList', answer.failure)
    return answer.value.items.length
  },
  countReceiveEdoc: async (client: AxisClient) => {
    const answer = await client.countReceiveEdoc()
    if (!answer.ok) throw failed('countReceiveEdoc', answer.failure)
    return answer.value
  },
  countReceiveStatus: async (client: AxisClient) => {
    const answer = await client.countReceiveStatus()
    if (!answer.ok) throw failed('countReceiveStatus', answer.failure)
    return answer.value
  },
} as const

export type Question = keyof typeof QUESTIONS

export interface Asked {
  readonly milliseconds: number
  readonly told: number
}

/** Asks one question of each system, one after the other, over a connection that is there. */
export async function askEach(
  url: string,
  systems: readonly BenchSystem[],
  question: Question,
): Promise<Asked[]> {
  const asked: Asked[] = []
  for (const system of systems) {
    const client = clientOf(url, system)
    // Connects, and lets the gateway look the system up, as the first call of a poll does.
    await client.countReceiveStatus()
    const began = performance.now()
    const told = await QUESTIONS[question](client)
    asked.push({ milliseconds: performance.now() - began, told })
    await client.close()
  }
  return asked
}

/** One poll of a system: a new connection, both lists. */
export async function poll(url: string, system: BenchSystem): Promise<void> {
  const client = clientOf(url, system)
  await QUESTIONS['getReceivedEdocList, edoc'](client)
  await QUESTIONS['getReceivedEdocList, status'](client)
  await client.close()
}
