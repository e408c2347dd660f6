import { type TObject, Type } from 'typebox'
import type { ActName } from '../../domain/directory/act.ts'
import {
  aliasForm,
  basis,
  certificate,
  contact,
  endpoint,
  groupMembers,
  heirs,
  newFact,
  whenAddressed,
  whenInFlight,
} from './fact-shapes.ts'
import { alias, code, day, hash, line, nullable, optional, strict, tier } from './shape-parts.ts'

const until = optional(nullable(day))
const name = line(500)
const ending = {
  on: day,
  whenAddressed: optional(whenAddressed),
  whenInFlight: optional(whenInFlight),
  basis,
}
const children = optional(Type.Enum(['follow', 'stay']))

/** What each act is written as, beside its name in `act`; a field that is not named here is refused. */
export const ACT_SHAPES: Record<ActName, TObject> = {
  establish: strict({
    act: Type.Literal('establish'),
    on: day,
    code,
    name,
    tier,
    parent: nullable(code),
    until,
    aliases: optional(Type.Array(strict({ alias, form: aliasForm }), { maxItems: 100 })),
  }),
  rename: strict({ act: Type.Literal('rename'), on: day, code, name }),
  move: strict({
    act: Type.Literal('move'),
    on: day,
    code,
    tier: optional(tier),
    parent: optional(nullable(code)),
  }),
  merge: strict({
    act: Type.Literal('merge'),
    ...ending,
    children,
    codes: Type.Array(code, { minItems: 1, maxItems: 1_000 }),
    into: code,
  }),
  split: strict({ act: Type.Literal('split'), ...ending, children, code, into: heirs, main: nullable(code) }),
  recode: strict({ act: Type.Literal('recode'), ...ending, code, newCode: code }),
  close: strict({ act: Type.Literal('close'), ...ending, children, code, successor: nullable(code) }),
  'add-alias': strict({ act: Type.Literal('add-alias'), on: day, code, alias, form: aliasForm }),
  'end-alias': strict({ act: Type.Literal('end-alias'), on: day, code, alias }),
  'set-contact': strict({ act: Type.Literal('set-contact'), on: day, code, contact }),
  'end-contact': strict({ act: Type.Literal('end-contact'), on: day, code, role: line(100) }),
  'set-endpoint': strict({
    act: Type.Literal('set-endpoint'),
    on: day,
    code,
    endpoint: nullable(endpoint),
    until,
  }),
  'add-certificate': strict({ act: Type.Literal('add-certificate'), on: day, code, certificate, until }),
  'end-certificate': strict({ act: Type.Literal('end-certificate'), on: day, code, sha256: hash }),
  'set-group': strict({ act: Type.Literal('set-group'), on: day, code, name, members: groupMembers }),
  'end-group': strict({ act: Type.Literal('end-group'), on: day, code }),
  correct: strict({
    act: Type.Literal('correct'),
    facts: Type.Array(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), {
      maxItems: 50_000,
      uniqueItems: true,
    }),
    instead: Type.Array(newFact, { maxItems: 50_000 }),
  }),
}
