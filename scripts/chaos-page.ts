import { cpus, loadavg, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { measuredCommit } from './measured-commit.ts'
import { writeSection } from './page-section.ts'

const PAGE = fileURLToPath(new URL('../docs/fault-campaign.md', import.meta.url))

/** What a run of one trial was taken under. */
export interface TakenUnder {
  /** Rate, queue and the like, as the trial has them. */
  readonly conditions: string
  /** As of `machineNow`. */
  readonly machine: string
  /** What repeats it, with everything that was drawn or chosen. */
  readonly command: string
}

/** What else the machine does matters as much as what it is: asked as each trial begins. */
export const machineNow = async (): Promise<string> =>
  [
    await measuredCommit(),
    `${cpus().length} × ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    `load average ${loadavg()[0]?.toFixed(1)} as it began`,
  ].join('; ')

/** In one line, above the results. */
export const takenUnder = ({ conditions, machine, command }: TakenUnder, seconds: number): string =>
  `${new Date().toISOString().slice(0, 10)}, ${conditions}, ${seconds} s; ${machine}; \`${command}\``

/** Keeps what was printed on the page of results. @param seconds that the trial took */
export const keepSection = (
  id: string,
  under: TakenUnder,
  seconds: number,
  lines: readonly string[],
): Promise<void> => writeSection(PAGE, `chaos:${id}`, [takenUnder(under, seconds), '', ...lines].join('\n'))
