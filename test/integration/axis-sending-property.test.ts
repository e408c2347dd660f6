import fc from 'fast-check'
import t from 'tap'
import type { DeliveryRecord } from '../../src/db/deliveries.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { type DocumentKey, edxmlDocumentId } from '../../src/domain/identifiers.ts'
import type { AxisBehaviour, AxisCall } from '../fakes/tiny-axis.ts'
import { abroadWorld } from '../support/abroad-world.ts'
import { Life, mortalPool } from '../support/life.ts'

const RUNS = Number(process.env.TRAM_TEST_RUNS ?? 25)
const { axis, gateway, pool, accepted, deliveriesOf, dueAgain } = await abroadWorld(t)
const never = new AbortController().signal
const life = new Life()
const worker = { ...gateway.worker, pool: mortalPool(pool, life) }

/** What the axis does with a packet, and whether it has it afterwards. */
const BEHAVIOURS = {
  take: { does: { kind: 'take' }, has: true },
  'take-and-reset': { does: { kind: 'take-and-reset' }, has: true },
  'take-and-html': { does: { kind: 'take-and-html', status: 502 }, has: true },
  html: { does: { kind: 'html', status: 502 }, has: false },
  busy: { does: { kind: 'refuse', code: '20', because: 'bận' }, has: false },
  invalid: { does: { kind: 'refuse', code: '10', because: 'tệp hỏng' }, has: false },
  unknown: { does: { kind: 'refuse', code: '18', because: 'không có' }, has: false },
} as const satisfies Record<string, { does: AxisBehaviour; has: boolean }>
type BehaviourName = keyof typeof BEHAVIOURS

type Step =
  | { readonly act: 'recall' }
  /** Attempts, so answered, at everything that waits; after so many messages the process dies. */
  | {
      readonly act: 'attempts'
      readonly answers: readonly BehaviourName[]
      readonly death: number | undefined
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Step>({ act: 'recall' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant<'attempts'>('attempts'),
      answers: fc.array(fc.constantFrom(...(Object.keys(BEHAVIOURS) as BehaviourName[])), {
        minLength: 1,
        maxLength: 4,
      }),
      death: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    }),
  },
)

/** What the axis holds: forms of packets with those for whom it has them, in the order in which they came. */
interface Form {
  readonly isRecall: boolean
  readonly to: Set<string>
  readonly first: number
  last: number
}
let forms = new Map<string, Form>()
let taken = 0

function take({ body, to }: AxisCall): void {
  const text = body.toString().trimEnd()
  const known = forms.get(text)
  taken += 1
  if (known) known.last = taken
  const form = known ?? {
    isRecall: /BussinessDocType>1</.test(text),
    to: new Set(),
    first: taken,
    last: taken,
  }
  for (const one of to) form.to.add(one)
  forms.set(text, form)
}

let deaths = 0

async function attemptAll(documents: readonly DocumentKey[]): Promise<void> {
  for (const document of documents) {
    // An exchange that rests is asked all the same: time has passed.
    gateway.worker.exchanges.all[0]!.reach.saw(undefined, performance.now())
    await dueAgain(document)
    for (const { key, state } of await deliveriesOf(document)) {
      if (state !== 'waiting') continue
      await deliver(worker, key, never).catch((error: unknown) => {
        if (!life.isOver) throw error
      })
    }
  }
}

interface Played {
  readonly to: readonly string[]
  readonly document: DocumentKey
  readonly recall: DocumentKey | undefined
}

async function play(to: readonly string[], steps: readonly Step[]): Promise<Played> {
  forms = new Map()
  const { document, documentId } = await accepted(to)
  let recall: DocumentKey | undefined
  const all = () => [document, ...(recall === undefined ? [] : [recall])]
  for (const one of steps) {
    if (one.act === 'recall') {
      const operation = {
        operation: 'recall' as const,
        documentId: edxmlDocumentId(documentId),
        reason: 'Nhầm',
      }
      recall ??= (await accepted(to, documentId, { business: operation })).document
      continue
    }
    const answers = one.answers.values()
    axis.behave = (call) => {
      const { does, has } = BEHAVIOURS[answers.next().value ?? 'take']
      if (has) take(call)
      return does
    }
    life.begin(one.death)
    await attemptAll(all())
    if (life.isOver) deaths += 1
    life.begin()
  }
  axis.behave = (call) => {
    take(call)
    return { kind: 'take' }
  }
  for (let rounds = 0; rounds < 10; rounds++) await attemptAll(all())
  return { to, document, recall }
}

const OPEN: readonly string[] = ['waiting']
const LIES_HERE: readonly string[] = ['available']

/** What must hold of each recipient, in words where it does not. */
function wrongFor(
  recipient: string,
  original: DeliveryRecord | undefined,
  recalled: DeliveryRecord | undefined,
  { recall }: Played,
): string[] {
  const there = [...forms.values()].filter(({ to }) => to.has(recipient))
  const documents = there.filter(({ isRecall }) => !isRecall)
  const recalls = there.filter(({ isRecall }) => isRecall)
  if (original === undefined) return ['there is no delivery']
  const { state } = original
  const isThere = documents.length > 0
  const faults: [boolean, string][] = [
    [documents.length > 1 || recalls.length > 1, 'the axis has it in two forms'],
    [OPEN.includes(state), 'it still waits'],
    [isThere && LIES_HERE.includes(state), 'it went by the axis and by mailbox'],
    [state === 'handed-over' && !isThere, 'it is said to be there, and is not'],
    [recall === undefined && state === 'withdrawn', 'nobody has withdrawn it'],
    [
      recall !== undefined &&
        isThere &&
        recalls.length === 0 &&
        recalled?.state !== 'failed' &&
        recalled?.state !== 'available',
      `it went out, and its recall did not (${recalled?.state})`,
    ],
    [
      recalls.some(({ first }) => documents.some(({ last }) => last > first)),
      'it came there after its recall',
    ],
  ]
  return faults.flatMap(([is, what]) => (is ? [`${recipient} (${state}): ${what}`] : []))
}

async function wrongWith(played: Played): Promise<string[]> {
  const originals = await deliveriesOf(played.document)
  const recalls = played.recall === undefined ? [] : await deliveriesOf(played.recall)
  const of = (all: readonly DeliveryRecord[], code: string) => all.find(({ recipient }) => recipient === code)
  return played.to.flatMap((code) => wrongFor(code, of(originals, code), of(recalls, code), played))
}

t.test('whatever is answered, and wherever the process dies, a document goes one way and once', async (t) => {
  let documents = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<readonly string[]>(['H90'], ['H90', 'H90.31']),
      fc.array(step, { minLength: 1, maxLength: 7 }),
      async (to, steps) => {
        documents += 1
        const faults = await wrongWith(await play(to, steps))
        if (faults.length > 0) throw new Error(faults.join('; '))
      },
    ),
    { numRuns: RUNS },
  )
  t.ok(deaths > 0, 'some died')
  t.comment(`${documents} documents, ${deaths} deaths, ${taken} times taken`)
})
