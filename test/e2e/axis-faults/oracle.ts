import { createHash } from 'node:crypto'
import type { AxisEntry } from '../../fakes/fake-axis/journal.ts'
import type { AxisStore } from '../../fakes/fake-axis/store.ts'
import {
  AWAY,
  HOME,
  incomingId,
  isRecalled,
  isReported,
  outgoingId,
  recipientsOf,
  type Traffic,
} from './traffic.ts'

/** What two sides hold of one exchange of documents; of the gateway between them only its name is known. */
export interface Witnesses {
  readonly numbers: readonly number[]
  readonly traffic: Traffic
  readonly journal: readonly AxisEntry[]
  readonly store: AxisStore
}

/** The name that the gateway writes into TraceHeaders. */
export const TRACE_ID = '000.00.00.H90'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const idIn = (packet: Buffer) => /DocumentId>([^<]*)</.exec(packet.toString())?.[1] ?? ''
const isRecall = (packet: Buffer) => /BussinessDocType>1</.test(packet.toString())

/** How often each name occurs among them, where that is not once as expected. */
function notOnce(found: readonly string[], expected: readonly string[]): string[] {
  const counts = new Map(expected.map((name) => [name, 0]))
  for (const name of found) counts.set(name, (counts.get(name) ?? 0) + 1)
  const wanted = new Set(expected)
  return [...counts].flatMap(([name, count]) =>
    wanted.has(name) && count === 1
      ? []
      : [`${name}: ${count} times${wanted.has(name) ? '' : ', unexpected'}`],
  )
}

/** Each packet from away lies in the inbox of each of its recipients once, in bytes that the axis gave. */
export function faultsOfArrivals({ numbers, traffic, journal }: Witnesses): string[] {
  const documents = numbers.flatMap((number) =>
    recipientsOf(number).map((to) => `${to} document ${incomingId(number)}`),
  )
  const statuses = numbers.filter(isReported).map((number) => `${HOME} status ${outgoingId(number)}`)
  const given = new Set(journal.flatMap(({ act, sha256 }) => (act === 'gave' ? [sha256] : [])))
  return [
    ...notOnce(
      traffic.seen.map(({ name }) => name),
      [...documents, ...statuses],
    ),
    ...traffic.seen.flatMap(({ name, sha256 }) =>
      given.has(sha256) ? [] : [`${name}: bytes that the axis never gave`],
    ),
  ]
}

/** The axis is told `done` of each packet and nothing else, after it gave it, and gives it no more afterwards. */
export function faultsOfTelling({ journal, store }: Witnesses): string[] {
  return [...store.held.keys()].flatMap((docId) => {
    const acts = journal.filter((entry) => entry.docId === docId)
    const heard = acts.flatMap(({ act, status }) => (act === 'heard' ? [status] : []))
    const firstDone = acts.findIndex(({ act }) => act === 'heard')
    const given = acts.map(({ act }) => act === 'gave')
    return [
      ...(heard.length === 0 ? [`${docId}: never told`] : []),
      ...(heard.some((status) => status !== 'done') ? [`${docId}: told ${heard.join(', ')}`] : []),
      ...(firstDone >= 0 && !given.slice(0, firstDone).includes(true)
        ? [`${docId}: done before it was fetched`]
        : []),
      ...(firstDone >= 0 && given.slice(firstDone).includes(true) ? [`${docId}: fetched after done`] : []),
    ]
  })
}

/** What is sent from here is there in one form, for its one recipient: what was submitted, with one TraceHeader more. */
export function faultsOfSending({ numbers, traffic, store }: Witnesses): string[] {
  const sent = [...store.sent.values()]
  const names = sent.map(nameOf)
  const replies = [...traffic.submitted.keys()].filter((name) => name.startsWith('status '))
  const recalls = numbers.filter(isRecalled).map(outgoingId)
  const certain = numbers.filter((number) => !isRecalled(number)).map(outgoingId)
  // Of what was recalled either both came there, or the recall stopped it here; never the document alone.
  const [both, alone] = [
    recalls.filter((id) => names.includes(`recall ${id}`)),
    recalls.filter((id) => names.includes(id)),
  ]
  return [
    ...notOnce(names, [...certain, ...replies, ...both.map((id) => `recall ${id}`), ...alone]),
    ...alone.filter((id) => !both.includes(id)).map((id) => `${id}: went out, and its recall did not`),
    ...sent.flatMap(({ to, packet, messageType, from }) => {
      const name = nameOf({ packet, messageType })
      const submitted = traffic.submitted.get(name)
      const isSame =
        submitted !== undefined && digest(withoutTrace(packet)) === digest(withoutTrace(submitted))
      return [
        ...(isSame ? [] : [`${name}: other bytes than were submitted`]),
        ...([...to].join() === AWAY && from === HOME ? [] : [`${name}: from ${from} for ${[...to].join()}`]),
      ]
    }),
  ]
}

const nameOf = ({ packet, messageType }: { readonly packet: Buffer; readonly messageType: string }) => {
  if (messageType === 'status') return `status ${idIn(packet)}`
  return isRecall(packet) ? `recall ${idIn(packet)}` : idIn(packet)
}

/** Without the gateway's own TraceHeader, and the list where it had to make one. */
const withoutTrace = (packet: Buffer): Buffer =>
  Buffer.from(
    packet
      .toString()
      .replace(
        new RegExp(
          `<(\\w+:)?TraceHeader>\\s*<(\\w+:)?OrganId>${TRACE_ID}</(\\w+:)?OrganId>[\\s\\S]*?</(\\w+:)?TraceHeader>`,
        ),
        '',
      ),
  )

/** Nothing of a recalled document comes there after its recall: it would stand there for good. */
export function faultsOfRecalls({ numbers, journal, store }: Witnesses): string[] {
  const places = new Map<string, number[]>()
  for (const { act, docId, at } of journal) {
    if (act !== 'took') continue
    const name = nameOf(store.sent.get(docId)!)
    places.set(name, [...(places.get(name) ?? []), at])
  }
  return numbers.filter(isRecalled).flatMap((number) => {
    const id = outgoingId(number)
    const [last, recall] = [places.get(id)?.at(-1), places.get(`recall ${id}`)?.[0]]
    return last !== undefined && recall !== undefined && last > recall ? [`${id}: came after its recall`] : []
  })
}
