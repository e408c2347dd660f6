import { startLoop } from '../../src/worker/loop.ts'
import type { Dms } from './dms.ts'

const COLOURS = process.stdout.isTTY && !process.env.NO_COLOR
const paint = (code: number) => (text: string) => (COLOURS ? `\u001b[${code}m${text}\u001b[0m` : text)
export const bold = paint(1)
export const dim = paint(2)
const green = paint(32)
const red = paint(31)

/** Tells what happens, and keeps count of what was expected and observed. */
export interface Narrator {
  chapter(title: string): void
  say(line: string): void
  /** One expected outcome, observed or not. */
  expect(what: string, observed: boolean, found?: unknown): void
  /**
   * Prints the steps of a document, recipient by recipient, as they are put on record, until the answer is called;
   * that prints what came last.
   */
  follow(sender: Dms, documentId: string): () => Promise<void>
  readonly expected: number
  readonly missed: readonly string[]
}

/** Instants as Vietnam's clocks show them. */
const clock = new Intl.DateTimeFormat('vi-VN', {
  timeZone: 'Asia/Ho_Chi_Minh',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

const FOLLOW_EVERY_MS = 100

/** The steps of a document that were not printed yet, in the order of time. */
async function newSteps(sender: Dms, documentId: string, printed: Set<string>): Promise<string[]> {
  const { items } = await sender.timeline(documentId)
  const steps = items.flatMap(({ agency, entries }) => entries.map((entry) => ({ agency, entry })))
  steps.sort((a, b) => a.entry.at.localeCompare(b.entry.at))
  return steps.flatMap(({ agency, entry: { at, kind, label, detail } }) => {
    const key = `${documentId} ${agency} ${at} ${kind} ${String(detail.code ?? '')}`
    if (printed.has(key)) return []
    printed.add(key)
    const status = detail.code === undefined ? '' : ` ${String(detail.code)}`
    const text = typeof detail.description === 'string' ? dim(` “${detail.description}”`) : ''
    const time = dim(clock.format(new Date(at)))
    return [`    ${time}  → ${agency.padEnd(8)} ${label.vi}${status} (${label.en})${text}`]
  })
}

export function createNarrator(out: (line: string) => void = console.log): Narrator {
  const missed: string[] = []
  const printed = new Set<string>()
  let expected = 0
  return {
    chapter: (title) => out(`\n${bold(title)}`),
    say: (line) => out(`  ${line}`),
    expect(what, observed, found) {
      expected += 1
      if (observed) return out(`  ${green('✔')} ${what}`)
      missed.push(what)
      out(`  ${red('✘')} ${what}${found === undefined ? '' : ` — found ${JSON.stringify(found)}`}`)
    },
    follow(sender, documentId) {
      const steps = async () => {
        for (const line of await newSteps(sender, documentId, printed)) out(line)
      }
      const loop = startLoop(FOLLOW_EVERY_MS, steps, (error) => out(`  ${error.message}`))
      return async () => {
        await loop.stop()
        await steps()
      }
    },
    get expected() {
      return expected
    },
    missed,
  }
}
