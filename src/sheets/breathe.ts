/** Rows between two pauses: some milliseconds of work. */
const ROWS = 1_000

/** Lets whatever else waits have its turn now and then, so that a large file does not hold up the process. */
export async function breathe(row: number): Promise<void> {
  if (row % ROWS === 0) await new Promise((resolve) => setImmediate(resolve))
}
