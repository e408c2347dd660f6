import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { discardingStage } from '../../src/blobs/memory-stage.ts'
import type { Envelope } from '../../src/domain/envelope.ts'
import { DEFAULT_LIMITS, parsePacket } from '../../src/edxml/parse-packet.ts'
import { connectDms, type Dms, type InboxItem } from './dms.ts'
import { type HttpClient, Refused } from './http-client.ts'
import type { Narrator } from './narrator.ts'
import { addAgency, addClient } from './world.ts'

/**
 * Sends a packet of the reader's own: the agencies that it names are registered as test agencies, its sender submits
 * it, and each recipient fetches it.
 */
export async function sendPacket(admin: HttpClient, file: string, narrator: Narrator): Promise<void> {
  narrator.chapter(`A packet of your own / Gói tin của bạn: ${file}`)
  const envelope = await namesIn(file)
  const systems = await registerParties(admin, envelope, narrator)
  const from = systems[0]
  if (from === undefined) return narrator.expect('the packet names a sender', false)
  const packet = await readFile(file)
  const answer = await from.trySubmit(packet)
  if (answer.status >= 400) {
    narrator.expect(`accepted (${answer.status} ${String(answer.body.code)})`, false)
    return narrator.say(JSON.stringify(answer.body, null, 2).replaceAll('\n', '\n  '))
  }
  const { documentId, recipients, warnings } = answer.body as {
    documentId: string
    recipients: { agency: string; deliveryId: string }[]
    warnings: { code: string; path?: string; hint: { vi: string; en: string } }[]
  }
  narrator.expect(`accepted as ${documentId}`, true)
  const unfollow = narrator.follow(from, documentId)
  for (const { code, path, hint } of warnings)
    narrator.say(`warning ${code} at ${path ?? 'the packet'}: ${hint.en}`)
  narrator.expect(`it travels to ${recipients.map(({ agency }) => agency).join(', ')}`, recipients.length > 0)
  for (const { agency, deliveryId } of recipients) {
    const dms = systems.find((one) => one.agency === agency)
    if (dms === undefined) throw new Error(`no test agency for ${agency}`)
    const item = await dms.expectItem(deliveryId, (one: InboxItem) => one.deliveryId === deliveryId)
    const bytes = await dms.fetch(item)
    narrator.expect(
      `${agency} got exactly the bytes of the file (${bytes.length} bytes)`,
      bytes.equals(packet),
    )
    await dms.acknowledge(item)
  }
  await unfollow()
}

async function namesIn(file: string): Promise<Envelope> {
  const { envelope } = await parsePacket(createReadStream(file), discardingStage(), DEFAULT_LIMITS)
  return envelope
}

/** The sender's system first, then those of the others. */
async function registerParties(admin: HttpClient, envelope: Envelope, narrator: Narrator): Promise<Dms[]> {
  const others =
    envelope.kind === 'document'
      ? [...envelope.to, ...envelope.business.receivers]
      : [{ organId: envelope.responseFor.organId ?? '' }]
  const codes = [...new Set([envelope.from.organId, ...others.map(({ organId }) => organId)])].filter(
    (code) => code,
  )
  const systems: Dms[] = []
  for (const code of codes) {
    const name = `Test agency ${code}`
    const isNew = await addAgency(admin, {
      code,
      name,
      tier: 'commune',
      validFrom: '2000-01-01',
      validTo: null,
    }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Refused && error.status === 409) return false
        throw error
      },
    )
    narrator.say(`${code} ${isNew ? 'registered as a test agency' : 'is in the directory'}`)
    systems.push(connectDms(admin.baseUrl, code, name, await addClient(admin, code, name)))
  }
  return systems
}
