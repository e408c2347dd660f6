import { pick } from '../../../scripts/bench/routing/random.ts'
import { dayAfter } from '../../../src/domain/vietnam-time.ts'
import type { Model, ReplayedAct } from './model.ts'

type Random = () => number

export const TYPES = ['Công văn', 'Quyết định'] as const

/** Around today, on which real documents are handed in. */
export const daysAround = (today: string): string[] =>
  [-40, -1, 0, 1, 40].map((days) => dayAfter(today, days))

/** Two that stay, and five to which everything happens. */
export const beginning = (history: number): ReplayedAct[] => {
  const code = (n: number) => `Q${history}.${n}`
  return Array.from({ length: 7 }, (_, n) => ({
    act: 'establish',
    on: '2020-01-01',
    code: code(n),
    name: `Cơ quan ${code(n)}`,
    tier: n < 2 ? 'province' : 'commune',
    parent: n < 2 ? null : code(n % 2),
  }))
}

/** Acts that may or may not fit; never the end of what the model knows to have ended. */
export function someActs(random: Random, model: Model, history: number, today: string): ReplayedAct[] {
  const moving = [2, 3, 4, 5, 6]
    .map((n) => `Q${history}.${n}`)
    .filter((code) => model.get(code)?.end === null)
  if (moving.length < 3) return []
  const acts = [someAct(random, moving, history, today)]
  if (random() < 0.3) {
    const more = someAct(random, moving, history, today)
    if (!isEnding(acts[0]!) && !isEnding(more)) acts.push(more)
  }
  return acts
}

const isEnding = ({ act }: ReplayedAct): boolean => ['close', 'merge', 'split'].includes(act)

function someAct(random: Random, moving: readonly string[], history: number, today: string): ReplayedAct {
  const on = pick(random, daysAround(today))
  const shuffled = [...moving].sort(() => random() - 0.5)
  const [code, other, third] = [shuffled[0]!, shuffled[1]!, shuffled[2]!]
  const whenAddressed = random() < 0.75 ? 'redirect' : 'bounce'
  const makes: (() => ReplayedAct)[] = [
    () => ({ act: 'rename', on, code, name: `Tên ${Math.floor(random() * 1e6)}` }),
    () => ({ act: 'move', on, code, parent: `Q${history}.${random() < 0.5 ? 0 : 1}` }),
    () => ({ act: 'close', on, code, successor: random() < 0.7 ? other : null, whenAddressed }),
    () => ({ act: 'merge', on, codes: [code, other], into: random() < 0.5 ? other : third, whenAddressed }),
    () => ({
      act: 'split',
      on,
      code,
      into: [{ code: other }, { code: third, documentTypes: ['Quyết định'] }],
      main: random() < 0.8 ? other : null,
    }),
  ]
  return pick(random, makes)()
}
