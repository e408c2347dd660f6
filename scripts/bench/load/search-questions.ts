import { pick } from '../routing/random.ts'
import { RECEIVERS, SENDERS } from './agencies.ts'
import { type Filled, likeIdOf } from './fill.ts'

type Query = Readonly<Record<string, string>>
export interface Question {
  readonly list: 'documents' | 'deliveries' | 'attempts' | 'events' | 'statuses'
  readonly query: (random: () => number, filled: Filled) => Query
  /** Records on the first page each time, where that is known beforehand. */
  readonly finds?: number
}

const whole = (random: () => number, below: number) => Math.floor(random() * below)
const TOPICS = ['đất đai', 'giao thong', 'chuyển đổi số', 'thanh tra', 'y te', 'quy hoạch', 'dân tộc']
const DAY_MS = 86_400_000
/** Too short for a trigram: frequent ones, and some that nothing holds. */
const SHORT = ['y te', 'ư', 'an', 'xã', 'đô', 'số']
const NEVER = 'hợp tác vũ trụ'
const ago = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString()
/** Likes are filled in every 25 seconds, back from now. */
const month = (random: () => number): Query => {
  const since = Date.now() - (40 + whole(random, 240)) * DAY_MS
  return { since: new Date(since).toISOString(), until: new Date(since + 30 * DAY_MS).toISOString() }
}

/** What auditors look for: by words, numbers, parties, days, states, and combinations of them. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  'the newest documents': { list: 'documents', query: () => ({}) },
  'words of the subject, with or without diacritics': {
    list: 'documents',
    query: (random) => ({ text: pick(random, TOPICS) }),
  },
  'two topics at once': {
    list: 'documents',
    query: (random) => ({ subject: `${pick(random, TOPICS)} ${pick(random, TOPICS)}` }),
  },
  'words that nothing holds': { list: 'documents', query: () => ({ text: NEVER }) },
  'number and notation': {
    list: 'documents',
    query: (random) => ({ number: `${whole(random, 9_973)}/BTN` }),
  },
  "the sender's DocumentId": {
    list: 'documents',
    query: (random, filled) => ({ edxmlDocumentId: likeIdOf(filled, 1 + whole(random, filled.likes)) }),
    finds: 1,
  },
  'of one sender in one month': {
    list: 'documents',
    query: (random) => ({ sender: pick(random, SENDERS), ...month(random) }),
  },
  'to one recipient': { list: 'documents', query: (random) => ({ recipient: pick(random, RECEIVERS) }) },
  'to one recipient, with a word': {
    list: 'documents',
    query: (random) => ({ recipient: pick(random, RECEIVERS), text: pick(random, TOPICS) }),
  },
  'from or to one agency': { list: 'documents', query: (random) => ({ agency: pick(random, RECEIVERS) }) },
  'in a state that few are in': { list: 'deliveries', query: () => ({ state: 'failed' }) },
  'deliveries to one recipient in one month': {
    list: 'deliveries',
    query: (random) => ({ recipient: pick(random, RECEIVERS), ...month(random) }),
  },
  'events of one kind in one month': {
    list: 'events',
    query: (random) => ({ event: 'submission-accepted', ...month(random) }),
  },
  'events of one agency': { list: 'events', query: (random) => ({ agency: pick(random, SENDERS) }) },
  'two topics of which one is rare': {
    list: 'documents',
    query: (random) => ({ subject: `${pick(random, TOPICS)} vũ trụ` }),
  },
  'short words': { list: 'documents', query: (random) => ({ text: pick(random, SHORT) }) },
  'short words of the subject': { list: 'documents', query: (random) => ({ subject: pick(random, SHORT) }) },
  'words of other texts, in the subject': {
    list: 'documents',
    query: (random) => ({ subject: pick(random, ['cơ quan', 'nguyễn', 'bench', 'btn']) }),
  },
  'a number of which many have a part': {
    list: 'documents',
    query: (random) => ({ number: pick(random, ['1', '99', '/btn', '7/BTN', '9972/btn']) }),
  },
  'a topic in one month, to one recipient': {
    list: 'documents',
    query: (random) => ({ text: pick(random, TOPICS), recipient: pick(random, RECEIVERS), ...month(random) }),
  },
  'a topic, of the earliest days': {
    list: 'documents',
    query: (random) => ({ text: pick(random, TOPICS), until: ago(250 + whole(random, 30)) }),
  },
  'a topic, from an agency that never sends': {
    list: 'documents',
    query: (random) => ({ text: pick(random, TOPICS), sender: pick(random, RECEIVERS) }),
  },
  'from or to an agency that never was': { list: 'documents', query: () => ({ agency: 'Z99' }) },
  'to an agency that never takes': {
    list: 'documents',
    query: (random) => ({ recipient: pick(random, SENDERS) }),
  },
  'of the highest urgency': { list: 'documents', query: () => ({ urgency: '4' }) },
  recalls: { list: 'documents', query: () => ({ operation: 'recall' }) },
  'without a signature that counts': { list: 'documents', query: () => ({ legalValue: 'reference-only' }) },
  'packets of statuses': { list: 'documents', query: () => ({ kind: 'status' }) },
  'documents that failed': { list: 'documents', query: () => ({ state: 'failed' }) },
  'documents that all took, with a word': {
    list: 'documents',
    query: (random) => ({ state: 'delivered', text: pick(random, TOPICS) }),
  },
  'documents that were refused': { list: 'documents', query: () => ({ processingStatus: '02' }) },
  'documents whose recall was asked for': { list: 'documents', query: () => ({ requestState: 'requested' }) },
  'documents with a status that few have': { list: 'documents', query: () => ({ statusCode: '13' }) },
  'documents to a tier': {
    list: 'documents',
    query: (random) => ({ tier: pick(random, ['central', 'province', 'commune']) }),
  },
  'deliveries with a word, to one recipient': {
    list: 'deliveries',
    query: (random) => ({ recipient: pick(random, RECEIVERS), text: pick(random, TOPICS) }),
  },
  'deliveries of words that nothing holds': { list: 'deliveries', query: () => ({ text: NEVER }) },
  'deliveries in each state': {
    list: 'deliveries',
    query: (random) => ({
      state: pick(random, ['waiting', 'available', 'handed-over', 'acknowledged', 'withdrawn']),
    }),
  },
  'deliveries to a tier, with a word': {
    list: 'deliveries',
    query: (random) => ({
      tier: pick(random, ['central', 'province', 'commune']),
      text: pick(random, TOPICS),
    }),
  },
  'attempts that failed': { list: 'attempts', query: () => ({ state: 'permanent-failure' }) },
  'attempts for one recipient, with a word': {
    list: 'attempts',
    query: (random) => ({ recipient: pick(random, RECEIVERS), text: pick(random, TOPICS) }),
  },
  'statuses of one code': { list: 'statuses', query: () => ({ code: '13' }) },
  'events of a kind that is rare': { list: 'events', query: () => ({ event: 'export-made' }) },
  'events of one actor': {
    list: 'events',
    query: (random) => ({ actor: pick(random, ['bench.g10', 'an.kiem.toan']) }),
  },
  'events of documents with a word': { list: 'events', query: (random) => ({ text: pick(random, TOPICS) }) },
  'events of documents to one recipient, with a word': {
    list: 'events',
    query: (random) => ({ recipient: pick(random, RECEIVERS), text: pick(random, TOPICS) }),
  },
  'events of an agency that never was': { list: 'events', query: () => ({ agency: 'Z99' }) },
}
