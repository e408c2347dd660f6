import type { AgencyCode } from '../domain/identifiers.ts'
import type { SendResult } from './channels/channel.ts'

/**
 * Notices when an endpoint that failed answers again. Its waits have grown to many hours by then, and what is urgent
 * should not sit them out. In memory only: a process that knows nothing of an endpoint learns from its first retry that
 * gets through.
 */
export class EndpointReturns {
  readonly #answering = new Map<AgencyCode, boolean>()

  /**
   * Told what came of each attempt. Returns whether the endpoint is back, once for each return.
   * @param attempts how many this delivery had had before
   */
  saw(recipient: AgencyCode, attempts: number, { outcome }: SendResult): boolean {
    const answers = outcome === 'available'
    const before = this.#answering.get(recipient)
    this.#answering.set(recipient, answers)
    return answers && (before === false || (before === undefined && attempts > 0))
  }
}
