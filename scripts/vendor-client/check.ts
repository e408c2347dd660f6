import { join } from 'node:path'
import type { JavaDriver } from './java.ts'
import { differences, type Expected } from './judge.ts'
import type { DoorName, SystemId, World } from './world.ts'

/** One line of the table. */
export interface Checked {
  readonly what: string
  readonly operation: string
  readonly expected: string
  readonly seen: string
  /** Undefined where this version of the client has no such operation. */
  readonly good: boolean | undefined
}

/** Operations that came with version 2.0.1. */
const SINCE_201 = new Set(['getAgenciesListQD20', 'countReceiveEdoc', 'countReceiveStatus', 'downloadEdoc'])

export interface Item {
  readonly docId: string
  readonly [field: string]: unknown
}

/** The service objects of one system, and what is expected of their calls. */
export interface Client {
  /**
   * Makes a call and puts down what came of it.
   * @param second the file of sendEdoc, the body of registerAgency
   * @returns the result's fields; undefined where this version has no such operation
   */
  check(
    what: string,
    operation: string,
    headers: Readonly<Record<string, unknown>>,
    expected: Expected,
    second?: string,
  ): Promise<Readonly<Record<string, unknown>> | undefined>
}

export interface OpenOptions {
  readonly door?: DoorName
  readonly secret?: string
}

export interface Checker {
  readonly world: World
  readonly lines: Checked[]
  /** New service objects, with the time at which they are made. */
  open(systemId: SystemId, options?: OpenOptions): Promise<Client>
}

export function checker(driver: JavaDriver, world: World, tell: (line: Checked) => void): Checker {
  const lines: Checked[] = []
  let opened = 0
  const put = (line: Checked): void => {
    lines.push(line)
    tell(line)
  }
  return {
    world,
    lines,
    async open(systemId, { door = 'plain', secret = world.secrets[systemId] } = {}) {
      opened += 1
      const name = `${systemId} ${opened}`
      const folder = join(world.folder, 'store')
      const { thrown } = await driver.call('open', name, world.doors[door], systemId, secret, folder)
      if (thrown !== null) throw new Error(`the client cannot be set up: ${thrown}`)
      return {
        async check(what, operation, headers, expected, second = '') {
          const line = { what, operation, expected: brief(expected) }
          if (driver.version === '2.0.0' && SINCE_201.has(operation)) {
            put({ ...line, seen: 'not in this version', good: undefined })
            return undefined
          }
          const told = await driver.call(operation, name, JSON.stringify(headers), second)
          const wrong = differences(operation, told, expected)
          put({ ...line, seen: wrong.join('; ') || seenOf(told.result), good: wrong.length === 0 })
          return told.result ?? {}
        },
      }
    },
  }
}

const brief = ({ status, ErrorCode }: Expected): string =>
  [status, ErrorCode].filter((part) => typeof part === 'string').join('/') || 'no null'

const MOST_SEEN = 60

function seenOf(result: Readonly<Record<string, unknown>> | null): string {
  const { status, ErrorCode, data, count, DocId } = result ?? {}
  const more = Array.isArray(data) ? `${data.length} items` : (count ?? DocId ?? data ?? '')
  return `${String(status)}/${String(ErrorCode)} ${String(more)}`.slice(0, MOST_SEEN)
}

/** The items of a list in a result. */
export function itemsOf(result: Readonly<Record<string, unknown>> | undefined): readonly Item[] {
  return Array.isArray(result?.data) ? result.data : []
}
