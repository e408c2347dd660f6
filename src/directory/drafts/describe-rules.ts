import type { Bilingual } from '../../domain/bilingual.ts'
import type { FieldChange, RulesDiff } from './diff-rules.ts'

const line = (vi: string, en: string): Bilingual => ({ vi, en })

/** What becomes of a routing table, one line a rule, in the order of the new table after what is removed. */
export function describeRules({ added, removed, changed, moved }: RulesDiff): Bilingual[] {
  const lines = [
    ...added.map(({ rule, place }) => ({
      place,
      text: line(`Thêm quy tắc ${rule.id} ở vị trí ${place}.`, `Rule ${rule.id} is added at place ${place}.`),
    })),
    ...changed.map(({ id, place, fields }) => ({
      place,
      text: line(
        `Sửa quy tắc ${id}: ${fields.map(told).join('; ')}.`,
        `Rule ${id} changes: ${fields.map(told).join('; ')}.`,
      ),
    })),
    ...moved.map(({ id, from, to }) => ({
      place: to,
      text: line(
        `Chuyển quy tắc ${id} từ vị trí ${from} đến ${to}.`,
        `Rule ${id} moves from place ${from} to ${to}.`,
      ),
    })),
  ]
  return [
    ...removed.map(({ rule, place }) =>
      line(`Bỏ quy tắc ${rule.id} ở vị trí ${place}.`, `Rule ${rule.id} at place ${place} is removed.`),
    ),
    ...lines.sort((one, other) => one.place - other.place).map(({ text }) => text),
  ]
}

const told = ({ field, before, after }: FieldChange): string => `${field}: ${value(before)} → ${value(after)}`

const value = (said: unknown): string =>
  said === undefined ? '—' : typeof said === 'string' ? said : JSON.stringify(said)
