/**
 * Microseconds of processor time for one call, of all threads: the median of several rounds, after a warm-up, so that
 * what else the machine has to do matters little.
 */
export async function microseconds(
  calls: number,
  work: () => unknown | Promise<unknown>,
  rounds = 9,
): Promise<number> {
  for (let call = 0; call < calls; call += 1) await work()
  const each: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const began = process.cpuUsage()
    for (let call = 0; call < calls; call += 1) await work()
    const { user, system } = process.cpuUsage(began)
    each.push((user + system) / calls)
  }
  return each.sort((a, b) => a - b)[Math.floor(rounds / 2)]!
}

export interface Contest {
  readonly name: string
  readonly bare: number
  readonly ours: number
  readonly ratio: number
}

/**
 * The cost of `ours` in that of `bare`, in the same minutes: both are taken in turn, and the ratio is the median of those
 * of the rounds.
 */
export async function contest(
  name: string,
  calls: number,
  bare: () => unknown | Promise<unknown>,
  ours: () => unknown | Promise<unknown>,
): Promise<Contest> {
  const rounds: { bare: number; ours: number }[] = []
  for (let round = 0; round < 7; round += 1)
    rounds.push({ bare: await microseconds(calls, bare, 3), ours: await microseconds(calls, ours, 3) })
  rounds.sort((a, b) => a.ours / a.bare - b.ours / b.bare)
  const middle = rounds[Math.floor(rounds.length / 2)]!
  return { name, ...middle, ratio: middle.ours / middle.bare }
}
