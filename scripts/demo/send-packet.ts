import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { discardingStage } from '../../src/blobs/memory-stage.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import { GatewayError } from '../../src/domain/problem.ts'
import { DEFAULT_LIMITS, parsePacket } from '../../src/edxml/parse-packet.ts'
import { connectDms, type Dms } from './dms.ts'
import { Refused } from './http-client.ts'
import type { Narrator } from './narrator.ts'
import { type Administrators, addAgency, addClient, type World } from './world.ts'

interface Answered {
  readonly documentId: string
  readonly recipients: readonly { readonly agency: string; readonly deliveryId: string }[]
  readonly warnings: readonly {
    readonly code: string
    readonly path?: string
    readonly hint: { readonly vi: string; readonly en: string }
  }[]
}

/**
 * Sends a packet of the reader's own: the agencies that it names are registered as test agencies, its sender submits
 * it, and each recipient fetches it. What cannot be read is submitted by the ministry: the gateway says what is wrong.
 */
export async function sendPacket(world: World, file: string, narrator: Narrator): Promise<void> {
  narrator.chapter(`A packet of your own / Gói tin của bạn: ${file}`)
  const parties = await partiesOf(file)
  const systems = await connectParties(world, parties, narrator)
  const from = systems.find(({ agency }) => agency === parties[0]) ?? world.ministry
  narrator.say(`submitted by ${from.agency}`)
  const packet = await readFile(file)
  const answer = await from.trySubmit(packet)
  if (answer.status >= 400) {
    narrator.expect(`accepted (${answer.status} ${String(answer.body.code)})`, false)
    return narrator.say(JSON.stringify(answer.body, null, 2).replaceAll('\n', '\n  '))
  }
  const { documentId, recipients, warnings } = answer.body as Record<string, unknown> & Answered
  narrator.expect(`accepted as ${documentId}`, true)
  const unfollow = narrator.follow(from, documentId)
  for (const { code, path, hint } of warnings)
    narrator.say(`warning ${code} at ${path ?? 'the packet'}: ${hint.en}`)
  narrator.expect(`it travels to ${recipients.map(({ agency }) => agency).join(', ')}`, recipients.length > 0)
  for (const { agency, deliveryId } of recipients) {
    const dms = systems.find((one) => one.agency === agency)
    if (dms === undefined) narrator.say(`${agency} has no system in this demo: it waits in its inbox`)
    else await take(dms, deliveryId, packet, narrator)
  }
  await unfollow()
}

async function take(dms: Dms, deliveryId: string, packet: Buffer, narrator: Narrator): Promise<void> {
  const item = await dms.expectItem(deliveryId, (one) => one.deliveryId === deliveryId)
  const bytes = await dms.fetch(item)
  narrator.expect(
    `${dms.agency} got exactly the bytes of the file (${bytes.length} bytes)`,
    bytes.equals(packet),
  )
  await dms.acknowledge(item)
}

/** The codes that a packet names, the sender's first; none where it cannot be read or names no sender. */
async function partiesOf(file: string): Promise<string[]> {
  try {
    const { envelope } = await parsePacket(createReadStream(file), discardingStage(), DEFAULT_LIMITS)
    const codes = [...new Set(codesIn(envelope))]
    return codes[0] === '' ? [] : codes.filter((code) => code !== '')
  } catch (error) {
    if (error instanceof GatewayError) return []
    throw error
  }
}

function codesIn(envelope: Envelope): string[] {
  const others =
    envelope.kind === 'document'
      ? [...envelope.to, ...envelope.business.receivers].map(({ organId }) => organId)
      : [envelope.responseFor.organId ?? '']
  return [envelope.from.organId, ...others]
}

/** The systems of the parties, in their order; those of the demo's world are connected already. */
async function connectParties(world: World, codes: readonly string[], narrator: Narrator): Promise<Dms[]> {
  const systems: Dms[] = []
  for (const code of codes) {
    const known = [world.ministry, world.province, world.ward, world.commune].find(
      ({ agency }) => agency === code,
    )
    const dms = known ?? (await connectParty(world.administrators, code, narrator))
    if (dms !== undefined) systems.push(dms)
  }
  return systems
}

/** The system of one agency, which is registered where it is new; undefined where the directory does not take it. */
async function connectParty(
  administrators: Administrators,
  code: string,
  narrator: Narrator,
): Promise<Dms | undefined> {
  const { author } = administrators
  const name = `Test agency ${code}`
  try {
    const isThere = await author
      .get(`/admin/v1/agencies/${encodeURIComponent(code)}`)
      .then(() => true, unlessUnknown)
    if (!isThere)
      await addAgency(administrators, { code, name, tier: 'commune', validFrom: '2000-01-01', validTo: null })
    narrator.say(`${code} ${isThere ? 'is in the directory' : 'registered as a test agency'}`)
    return connectDms(author.baseUrl, code, name, await addClient(author, code, name))
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    narrator.say(`${code} cannot have a system here (${error.status} ${String(error.problem.code)})`)
    return undefined
  }
}

const unlessUnknown = (error: unknown): false => {
  if (error instanceof Refused && error.status === 404) return false
  throw error
}
