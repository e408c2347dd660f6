import type { Act } from '../../domain/directory/act.ts'

/** The last day on which acts change something, `yyyy-MM-dd`, Vietnam; `today` where that is later. */
export function lastDayOf(acts: readonly Act[], today: string): string {
  let last = today
  for (const act of acts) for (const day of daysOf(act)) if (day > last) last = day
  return last
}

const daysOf = (act: Act): readonly string[] =>
  act.act === 'correct' ? act.instead.map(({ validFrom }) => validFrom) : [act.on]
