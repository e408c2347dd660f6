import type { Measure } from '../fault.ts'
import { codeOf } from '../system.ts'
import type { World } from '../world.ts'
import { heard } from './heard.ts'

const deep = (depth: number): string => `<?xml version="1.0"?>${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
const entities = Array.from({ length: 20 }, (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};">`).join('')

/** What breaks parsers elsewhere. */
export const HOSTILE_PACKETS: Readonly<Record<string, string>> = {
  nothing: ' ',
  'not XML': '{"edXML": true}',
  'a file that ends in the midst':
    '<?xml version="1.0"?><edXML:edXML xmlns:edXML="http://www.e-doc.vn/Schema/"><edXML:edXMLEnv',
  'elements 200,000 deep': deep(200_000),
  'entities that grow': `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e0 "x">${entities}]><a>&e20;</a>`,
  'a name of a megabyte': `<?xml version="1.0"?><${'a'.repeat(1_000_000)}/>`,
  'attributes without end': `<?xml version="1.0"?><a ${Array.from({ length: 50_000 }, (_, n) => `b${n}=""`).join(' ')}/>`,
  'U+0000': '<?xml version="1.0"?><a>\u0000</a>',
}

/** Sends each; all must be refused by name, by a gateway that goes on. */
export async function sendHostilePackets({ systems, random }: World): Promise<Measure> {
  const system = systems.get('G81')!
  const answers: string[] = []
  let met = true
  for (const [name, body] of Object.entries(HOSTILE_PACKETS)) {
    const answer = await heard(system, {
      method: 'POST',
      path: '/v1/documents',
      headers: { 'content-type': 'application/xml', 'idempotency-key': `hostile-${random()}` },
      body,
    })
    const isRefused = answer.status >= 400 && answer.status < 500
    if (!isRefused) met = false
    answers.push(isRefused ? codeOf(answer) : `${name}: ${answer.status}`)
  }
  const seen = `${answers.length}: ${[...new Set(answers)].join(', ')}`
  return { name: 'packets that break parsers', seen, bar: 'each refused by name', met }
}
