import { freezeFamily, killFamily, sendSignal, thawFamily } from './signals.ts'
import { type ServerProcess, tailOf } from './supervise.ts'

/** A server of ours under its address, over any number of ends and starts: crash trials use all of them. */
export class Service {
  readonly url: string
  readonly logFile: string
  readonly #launch: () => Promise<ServerProcess>
  readonly #stopSignal: NodeJS.Signals
  #process: ServerProcess

  private constructor(first: ServerProcess, options: ServiceOptions) {
    this.url = options.url
    this.logFile = options.logFile
    this.#launch = options.launch
    this.#stopSignal = options.stopSignal
    this.#process = first
  }

  static async start(options: ServiceOptions): Promise<Service> {
    return new Service(await options.launch(), options)
  }

  get pid(): number {
    return this.#process.pid
  }

  get running(): boolean {
    return !this.#process.hasEnded()
  }

  /** Starts the server again on the same data and port, after `kill` or `stop`. */
  async restart(): Promise<void> {
    if (this.running) throw new Error(`the server of ${this.logFile} is still running`)
    this.#process = await this.#launch()
  }

  /** Sends a signal without waiting: SIGSTOP and SIGCONT make a server that hangs. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) sendSignal(this.pid, signal)
  }

  /** Lets the server stand still with all that it is made of, as on a machine that hangs: its ports stay open. */
  async freeze(): Promise<void> {
    if (this.running) await freezeFamily(this.pid)
  }

  /** Lets it go on. */
  async thaw(): Promise<void> {
    if (this.running) await thawFamily(this.pid)
  }

  /**
   * Ends the server by `signal`; resolves when it is gone. SIGKILL takes its children along, as a crash of the machine
   * does: a PostgreSQL backend in the midst of a query would outlive its server, and could still commit.
   */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL' && this.running) await killFamily(this.pid)
    else this.signal(signal)
    await this.#process.ended
  }

  /** Ends the server in order, and by force after `graceMs`. Does nothing where it has ended already. */
  async stop(graceMs = 10_000): Promise<void> {
    const force = setTimeout(() => void this.kill('SIGKILL'), graceMs)
    try {
      await this.kill(this.#stopSignal)
    } finally {
      clearTimeout(force)
    }
  }
}

export interface ServiceOptions {
  readonly url: string
  readonly logFile: string
  readonly stopSignal: NodeJS.Signals
  /** Starts the process and resolves when it answers. */
  readonly launch: () => Promise<ServerProcess>
}

/** Polls `answers` until it says yes; throws, with the end of the log, where the process ends or time runs out. */
export async function untilReady(
  server: ServerProcess,
  logFile: string,
  answers: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await answers())) {
    if (server.hasEnded()) throw new Error(`the server ended at once:\n${await tailOf(logFile)}`)
    if (performance.now() > deadline) {
      await killFamily(server.pid)
      throw new Error(`the server did not answer in ${timeoutMs} ms:\n${await tailOf(logFile)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
