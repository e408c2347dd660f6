/**
 * What is at fault in each of some turns, told by `turn`; nothing as soon as it finds nothing. For what hangs on the
 * clock: a machine that stood still in one turn has not in the next, and what is wrong with the program is wrong in all.
 */
export async function inTurns(most: number, turn: () => Promise<readonly string[]>): Promise<string[]> {
  const faults: string[] = []
  for (let number = 1; number <= most; number += 1) {
    const found = await turn()
    if (found.length === 0) return []
    faults.push(...found.map((fault) => `turn ${number}: ${fault}`))
  }
  return faults
}
