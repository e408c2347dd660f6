import type { Bilingual } from '../../domain/bilingual.ts'
import { CHANNELS } from '../../domain/channel-id.ts'
import type { FactKind, FactValues } from '../../domain/directory/fact.ts'
import type { GroupMembers } from '../../domain/directory/group.ts'
import {
  type Heir,
  SUCCESSION_ACTS,
  type WhenAddressed,
  type WhenInFlight,
} from '../../domain/directory/succession.ts'
import type { AgencyCode } from '../../domain/identifiers.ts'

/** `Name (code)` of an agency. */
export type NameOf = (code: AgencyCode) => string
type Texts = { readonly [K in FactKind]: (value: FactValues[K], name: NameOf) => Bilingual }

const both = (text: string): Bilingual => ({ vi: text, en: text })
const listed = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(', ')

const STAY: Bilingual = { vi: '; đơn vị trực thuộc ở nguyên', en: '; those beneath stay as they are' }
const WHEN_ADDRESSED: Record<WhenAddressed, Bilingual> = {
  redirect: { vi: 'chuyển tiếp', en: 'redirected' },
  bounce: { vi: 'trả lại', en: 'bounced' },
}
const WHEN_IN_FLIGHT: Record<WhenInFlight, Bilingual> = {
  redirect: { vi: 'chuyển tiếp', en: 'redirected' },
  keep: { vi: 'giữ nguyên', en: 'kept' },
  bounce: { vi: 'trả lại', en: 'bounced' },
}

const TEXTS: Texts = {
  existence: () => ({ vi: 'hoạt động', en: 'open' }),
  name: ({ name }) => both(`«${name}»`),
  placement: ({ tier, parent }, name) => ({
    vi: `cấp ${tier}, ${parent === null ? 'không trực thuộc' : `thuộc ${name(parent)}`}`,
    en: `tier ${tier}, ${parent === null ? 'beneath none' : `beneath ${name(parent)}`}`,
  }),
  alias: ({ alias, form }) => both(`${alias} (${form})`),
  contact: ({ role, name, phone, email, address }) =>
    both(`${role}: ${listed([name, phone, email, address])}`),
  endpoint: ({ channel, url, reaches }) => {
    const { label } = CHANNELS[channel]
    const at = url === null ? '' : ` ${url}`
    return {
      vi: `${label.vi}${at}${reaches === 'subtree' ? ', cả các cơ quan trực thuộc' : ''}`,
      en: `${label.en}${at}${reaches === 'subtree' ? ', with all beneath' : ''}`,
    }
  },
  certificate: ({ sha256 }) => both(`SHA-256 ${sha256}`),
  succession: ({ act, heirs, main, whenAddressed, whenInFlight, basis, children }, name) => {
    const { vi, en } = SUCCESSION_ACTS[act]
    const by = basis === null ? '' : ` (${basis})`
    const addressed = WHEN_ADDRESSED[whenAddressed]
    const inFlight = WHEN_IN_FLIGHT[whenInFlight]
    const to = heirs.map((heir) => heirText(heir, main, name))
    const beneath = children === 'stay' ? STAY : both('')
    return {
      vi: `${vi}${by}${to.length === 0 ? ', không có cơ quan kế thừa' : ` → ${to.map((one) => one.vi).join('; ')}`}; văn bản gửi tới: ${addressed.vi}; đang gửi: ${inFlight.vi}${beneath.vi}`,
      en: `${en}${by}${to.length === 0 ? ', nobody takes over' : ` → ${to.map((one) => one.en).join('; ')}`}; documents that name it: ${addressed.en}; in flight: ${inFlight.en}${beneath.en}`,
    }
  },
  group: ({ name, members }, nameOf) => {
    const who = membersText(members, nameOf)
    return { vi: `«${name}»: ${who.vi}`, en: `«${name}»: ${who.en}` }
  },
}

function heirText({ code, documentTypes }: Heir, main: AgencyCode | null, name: NameOf): Bilingual {
  const types = documentTypes?.join(', ')
  const rest = code === main
  return {
    vi: `${name(code)}${types === undefined ? '' : ` nhận ${types}`}${rest && types !== undefined ? ' và phần còn lại' : ''}`,
    en: `${name(code)}${types === undefined ? '' : ` takes ${types}`}${rest && types !== undefined ? ' and the rest' : ''}`,
  }
}

/** How many members of a list are named. */
const NAMED = 10

function membersText(members: GroupMembers, name: NameOf): Bilingual {
  if ('codes' in members) {
    const { codes } = members
    return both(`${codes.slice(0, NAMED).join(', ')}${codes.length > NAMED ? `, … (${codes.length})` : ''}`)
  }
  const { tier, under, parent } = members
  return {
    vi: listed([
      tier === undefined ? null : `cấp ${tier}`,
      under === undefined ? null : `dưới ${name(under)}`,
      parent === undefined ? null : parent === null ? 'không trực thuộc' : `trực thuộc ${name(parent)}`,
    ]),
    en: listed([
      tier === undefined ? null : `tier ${tier}`,
      under === undefined ? null : `beneath ${name(under)}`,
      parent === undefined ? null : parent === null ? 'beneath none' : `directly beneath ${name(parent)}`,
    ]),
  }
}

const textIn = <K extends FactKind>(kind: K, value: FactValues[K], name: NameOf, texts: Texts): Bilingual =>
  texts[kind](value, name)

/** What a fact of a kind says, for people. */
export const describeValue = (kind: FactKind, value: FactValues[FactKind], name: NameOf): Bilingual =>
  textIn(kind, value, name, TEXTS)
