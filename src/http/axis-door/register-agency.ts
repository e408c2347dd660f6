import { okAnswer } from '../../axis/answers.ts'
import {
  draftFromRegistration,
  type Registration,
  requireRegistrationRight,
} from '../../directory/draft-registration.ts'
import type { RegistrationWish } from '../../directory/registration-acts.ts'
import type { Bilingual } from '../../domain/bilingual.ts'
import type { Fault } from '../../domain/fault.ts'
import { GatewayError } from '../../domain/problem.ts'
import { streamedBody } from '../agency-api/read-body.ts'
import type { AxisReply } from './answer.ts'
import type { Asking, AxisSurroundings } from './asking.ts'
import { requiredField } from './read-fields.ts'

/** Bytes of a body that names one agency. */
const MOST_BYTES = 64 * 1024
const MOST_CHARACTERS = 1_000

/**
 * Proposes an agency for the directory, or another name or place for one that is there. The body is not signed: what
 * comes of it waits for an administrator, whoever wrote it.
 * @throws GatewayError `scope-insufficient` before the body is looked at, `request-malformed`, `request-invalid`, and as
 *   `draftFromRegistration`
 */
export async function registerAgency(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  requireRegistrationRight(asking.known.system)
  const fields = await readFields(asking)
  const required = ['code', 'name'].filter((name) => fields(name) === '')
  if (required.length > 0)
    throw new GatewayError('request-invalid', { faults: required.map((name) => missing(name)) })
  const wish = {
    kind: 'register',
    code: fields('code'),
    name: fields('name'),
    parent: fields('pcode'),
    mail: fields('mail'),
    phone: fields('mobile'),
  } as const
  return answer('registerAgency', await draft(asking, surroundings, wish))
}

/** Proposes the end of an agency. @throws GatewayError `request-invalid`, and as `draftFromRegistration` */
export async function deleteAgency(asking: Asking, surroundings: AxisSurroundings): Promise<AxisReply> {
  requireRegistrationRight(asking.known.system)
  const code = requiredField(asking.signed, 'AgencyCode')
  return answer('deleteAgency', await draft(asking, surroundings, { kind: 'delete', code }))
}

const draft = (
  { known }: Asking,
  { context: { pool, registry, usable, config } }: AxisSurroundings,
  wish: RegistrationWish,
): Promise<Registration> =>
  draftFromRegistration({ pool, registry, usable, allowHttp: config.push.allowHttp }, known.system, wish)

const answer = (operation: 'registerAgency' | 'deleteAgency', registration: Registration): AxisReply => ({
  json: okAnswer(operation, {}, textOf(registration)),
})

const textOf = (registration: Registration): Bilingual =>
  registration.outcome === 'already-so'
    ? {
        vi: 'Danh bạ đã ghi đúng như vậy; không có gì thay đổi.',
        en: 'The directory says so already; nothing changes.',
      }
    : {
        vi: `Đã ghi nhận đề nghị, chờ quản trị viên phê duyệt (bản nháp ${registration.draft}).`,
        en: `Taken down; it awaits an administrator's approval (draft ${registration.draft}).`,
      }

/** One field after another, as text without blanks around it; empty where it is missing or null. */
async function readFields({ request }: Asking): Promise<(name: string) => string> {
  const body = parse(await readBody(streamedBody(request)))
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw noObject()
  const fields = new Map<string, unknown>(Object.entries(body))
  const faults = [...fields].filter(([, value]) => !isPlain(value)).map(([name]) => noText(name))
  if (faults.length > 0) throw new GatewayError('request-invalid', { faults: faults.slice(0, 100) })
  return (name) => String(fields.get(name) ?? '').trim()
}

const isPlain = (value: unknown): boolean =>
  value === null ||
  typeof value === 'number' ||
  (typeof value === 'string' && value.length <= MOST_CHARACTERS)

async function readBody(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > MOST_BYTES) throw new GatewayError('payload-too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw noObject(cause)
  }
}

const noObject = (cause?: unknown): GatewayError =>
  new GatewayError('request-malformed', {
    cause,
    detail: {
      vi: 'Thân yêu cầu phải là một đối tượng JSON {id,pcode,code,name,mail,mobile,fax}.',
      en: 'The body must be a JSON object {id,pcode,code,name,mail,mobile,fax}.',
    },
  })

const missing = (name: string): Fault => ({
  code: 'field-missing',
  severity: 'error',
  path: `#/${name}`,
  hint: { vi: 'Thiếu trường này.', en: 'This field is missing.' },
})

const noText = (name: string): Fault => ({
  code: 'field-no-text',
  severity: 'error',
  path: `#/${name.slice(0, 100)}`,
  hint: {
    vi: `Trường này phải là văn bản, nhiều nhất ${MOST_CHARACTERS} ký tự.`,
    en: `This field must be text of at most ${MOST_CHARACTERS} characters.`,
  },
})
