import { readFileSync } from 'node:fs'
import { decideInFlight } from '../../../src/directory/in-flight/decide.ts'
import { generateDirectory } from '../../../src/directory/seed/generate.ts'
import { isFault, readFact } from '../../../src/directory/seed/read-fact.ts'
import { seededRandom } from '../../../src/directory/seed/seeded-random.ts'
import { DirectorySnapshot } from '../../../src/directory/snapshot/snapshot.ts'
import type { NewFact } from '../../../src/domain/directory/fact.ts'
import type { AgencyCode } from '../../../src/domain/identifiers.ts'
import { endpointFact } from '../record-facts.ts'

export const LAST_DAY = '2025-06-30'
export const FIRST_OF_JULY = '2025-07-01'
/** The kind of every document of the trial. */
export const DOCUMENT_TYPE = 'Công văn'

const LEVEL_ONE = new URL('../../../schemas/codes/level-1.ndjson', import.meta.url)

/** Two provinces that take in others, with all that stood beneath them, and one that goes on as it was. */
const PROVINCES = ['H17', 'H60', 'H57']

/** What becomes on the first of July of documents that are in flight to an agency. */
export type Fate = 'untouched' | 'redirect' | 'bounce' | 'keep'

/** How an agency's system is told of documents, and behaves. */
export type Manner = 'mailbox' | 'paused' | 'push-answers' | 'push-fails' | 'push-refuses'

export interface Recipient {
  readonly code: AgencyCode
  readonly fate: Fate
  readonly manner: Manner
}

export interface JulyWorld {
  readonly facts: readonly NewFact[]
  readonly snapshot: DirectorySnapshot
  readonly recipients: readonly Recipient[]
}

const MANNERS: readonly Manner[] = [
  'mailbox',
  'mailbox',
  'paused',
  'push-answers',
  'push-fails',
  'push-refuses',
]

/**
 * Real level 1, generated districts and communes of some provinces, and some of all these as recipients.
 * @param pushUrl where systems that are told by push answer; the last part of the path says how
 */
export function julyWorld(pushUrl: string, seed = 2025): JulyWorld {
  const base = [...generateDirectory({ levelOne: readLevelOne(), seed, provinces: PROVINCES })]
  const before = snapshotOf(base)
  const recipients = chooseRecipients(before, seed)
  const endpoints = recipients.flatMap(({ code, manner }) =>
    manner.startsWith('push-')
      ? before.factsOfKind(code, 'existence').map(({ validFrom, validTo }) => ({
          ...endpointFact(code, `${pushUrl}/${manner}`),
          validFrom,
          validTo,
        }))
      : [],
  )
  const facts = [...base, ...endpoints]
  return { facts, snapshot: snapshotOf(facts), recipients }
}

function readLevelOne(): NewFact[] {
  const lines = readFileSync(LEVEL_ONE, 'utf8').trim().split('\n')
  return lines.map((line, index) => {
    const read = readFact(line, index + 1)
    if (isFault(read)) throw new Error(read.hint.en)
    return read
  })
}

const snapshotOf = (facts: readonly NewFact[]) =>
  DirectorySnapshot.of(
    1,
    facts.map((fact, index) => ({ ...fact, id: index + 1, assertedIn: 1, retractedIn: null })),
  )

/** Who is chosen of whom is open on the last day: provinces that end and take in, and some of each tier and fate. */
function chooseRecipients(snapshot: DirectorySnapshot, seed: number): Recipient[] {
  const random = seededRandom(seed)
  const open = [...snapshot.codes()].filter((code) => snapshot.isOpen(code, LAST_DAY))
  const provinces = open.filter((code) => /^H(17|47|22|60|57)$/.test(code))
  const groups = new Map<string, AgencyCode[]>()
  for (const code of random.shuffled(open)) {
    const key = `${snapshot.agency(code, LAST_DAY)?.tier} ${fateOf(snapshot, code)}`
    groups.set(key, [...(groups.get(key) ?? []), code])
  }
  const chosen = new Set([...provinces, ...[...groups.values()].flatMap((codes) => codes.slice(0, 14))])
  return [...chosen].map((code, index) => ({
    code,
    fate: fateOf(snapshot, code),
    manner: provinces.includes(code) ? 'mailbox' : MANNERS[index % MANNERS.length]!,
  }))
}

const FATES = { open: 'untouched', redirect: 'redirect', bounce: 'bounce', keep: 'keep' } as const

export const fateOf = (snapshot: DirectorySnapshot, recipient: AgencyCode): Fate =>
  FATES[decideInFlight(snapshot, { recipient, documentType: DOCUMENT_TYPE }, FIRST_OF_JULY).outcome]
