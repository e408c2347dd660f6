import type { Dms, Timeline } from './dms.ts'

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
  /** Prints the steps of a document for each recipient that were not printed before. */
  showTimeline(sender: Dms, documentId: string): Promise<Timeline>
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
    async showTimeline(sender, documentId) {
      const timeline = await sender.timeline(documentId)
      for (const { recipient, entries } of timeline.recipients) {
        for (const entry of entries) {
          const key = `${documentId} ${recipient} ${entry.at} ${entry.kind} ${String(entry.detail.code ?? '')}`
          if (printed.has(key)) continue
          printed.add(key)
          const status = entry.detail.code === undefined ? '' : ` ${String(entry.detail.code)}`
          const text =
            typeof entry.detail.description === 'string' ? dim(` “${entry.detail.description}”`) : ''
          out(
            `    ${dim(clock.format(new Date(entry.at)))}  → ${recipient.padEnd(8)} ${entry.label.vi}${status} (${entry.label.en})${text}`,
          )
        }
      }
      return timeline
    },
    get expected() {
      return expected
    },
    missed,
  }
}
