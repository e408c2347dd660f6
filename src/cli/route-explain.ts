import { databaseNow } from '../db/now.ts'
import type { Pool } from '../db/pool.ts'
import { explainDelivery } from '../directory/explain/explain-delivery.ts'
import { explainRoute } from '../directory/explain/explain-route.ts'
import type { Words } from '../directory/explain/lines.ts'
import { narrate } from '../directory/explain/narrate.ts'
import { narrateDelivery } from '../directory/explain/narrate-delivery.ts'
import { readParts } from '../directory/explain/read-parts.ts'
import { readRegistry } from '../directory/snapshot/read-registry.ts'
import { deliveryKey } from '../domain/identifiers.ts'
import { URGENCIES, urgencyOf } from '../domain/urgency.ts'
import { count, oneOf, readArguments, required, uuid } from './arguments.ts'
import { instant } from './instant.ts'
import { UsageError } from './usage-error.ts'
import { usableChannels, withDatabase } from './with-database.ts'

/** `tram route explain`: where a document would go and why; or, with `--delivery`, how one was decided. */
export function routeExplain(args: string[]): Promise<number> {
  const { values } = readArguments(args, [], {
    from: { type: 'string' },
    to: { type: 'string' },
    type: { type: 'string' },
    urgency: { type: 'string', default: '0' },
    bytes: { type: 'string', default: '0' },
    at: { type: 'string' },
    'directory-revision': { type: 'string' },
    'routing-revision': { type: 'string' },
    limit: { type: 'string', default: '50' },
    delivery: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  if (values.delivery !== undefined) {
    const key = deliveryKey(uuid(values.delivery))
    return withDatabase((pool) => tellDelivery(pool, key, values.json))
  }
  const question = {
    sender: required('from', values.from),
    recipient: required('to', values.to),
    urgency: urgencyOf(Number(oneOf('urgency', values.urgency, URGENCIES))),
    bytes: lengthOf(values.bytes),
    limit: count('limit', values.limit),
    ...(values.type !== undefined && { documentType: values.type }),
  }
  const revisions = {
    ...revision('directoryRevision', 'directory-revision', values['directory-revision']),
    ...revision('routingRevision', 'routing-revision', values['routing-revision']),
  }
  const asked = values.at === undefined ? undefined : timeOf(values.at)
  return withDatabase(async (pool) => {
    const at = asked ?? (await databaseNow(pool))
    const { directory } = await readRegistry(pool)
    const parts = await readParts(pool, directory, {
      sender: question.sender,
      at,
      usable: usableChannels(),
      ...revisions,
    })
    const answer = explainRoute(parts, { ...question, at })
    print(answer, narrate(answer), values.json)
  })
}

async function tellDelivery(pool: Pool, key: ReturnType<typeof deliveryKey>, json: boolean): Promise<void> {
  const { directory } = await readRegistry(pool)
  const answer = await explainDelivery(pool, directory, key, usableChannels())
  print(answer, narrateDelivery(answer), json)
}

const revision = (field: string, option: string, text: string | undefined) =>
  text === undefined ? {} : { [field]: count(option, text) }

/** @throws UsageError */
function lengthOf(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new UsageError(`--bytes: ${text} is no length`)
  return Number(text)
}

/** A day is its beginning in Vietnam: days of the directory are. */
const timeOf = (text: string): Date => instant('at', text.length === 10 ? `${text}T00:00:00+07:00` : text)

function print(answer: object, words: Words, json: boolean): void {
  const texts = [...words.map(({ vi }) => vi), '', ...words.map(({ en }) => en)]
  console.log(json ? JSON.stringify({ ...answer, words }, null, 2) : texts.join('\n'))
}
