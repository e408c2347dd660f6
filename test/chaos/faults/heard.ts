import { waitFor } from '../../support/wait-for.ts'
import { type Answer, codeOf, type Request, type System } from '../system.ts'

const PATIENCE_MS = 120_000
/** Of a gateway that has too much to do to look at a request. */
const NOT_HEARD = new Set(['overloaded', 'rate-limited'])

/** Whether a sender was told that it brings too much at once: that is no fault's doing, and another trial's matter. */
export const isBusy = (code: string): boolean => NOT_HEARD.has(code)

/** Asks until the gateway says something of the request itself. */
export const heard = (system: System, request: Request): Promise<Answer> =>
  waitFor(
    async () => {
      const answer = await system.ask(request)
      return !isBusy(codeOf(answer)) && answer
    },
    PATIENCE_MS,
    () => `an answer to ${request.method} ${request.path}`,
  )
