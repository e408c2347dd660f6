import type { FormatId } from './formats.ts'

/** What is asked of one element. Order is never asked: readers of the axis ignore it. */
export interface ElementRule {
  readonly name: string
  /**
   * - needed: the gateway cannot route or account for the packet without it: an error;
   * - wanted: the standard wants it, real packets omit it: a warning;
   * - optional: may be left out.
   */
  readonly need: 'needed' | 'wanted' | 'optional'
  /** It may stand more than once. */
  readonly many?: true
  /** How often at most: more is an error. */
  readonly most?: number
  /** People are shown it, and marks of secrecy are looked for in it: a second one is an error. */
  readonly once?: true
  /**
   * Receivers act on it, so that two different ones would send a document two ways: a second one, one in another
   * place, and one of another namespace are errors.
   */
  readonly decides?: true
  /** Characters that the standard allows: a warning beyond. */
  readonly max?: number
  /** Characters that the gateway bears: an error beyond. Where absent, `limitOf` sets it. */
  readonly limit?: number
  readonly format?: FormatId
  readonly children?: readonly ElementRule[]
  /** Its content is for others to read. */
  readonly opaque?: true
}

/** Norm of values that no source gives a length for: that of a description. */
const USUAL_MAX = 500
const LEAST_LIMIT = 1_000

/** Ten times the norm, in characters: values of real packets exceed the norm, though never so far. */
export const limitOf = ({ max = USUAL_MAX, limit = Math.max(LEAST_LIMIT, 10 * max) }: ElementRule): number =>
  limit

type Rest = Omit<ElementRule, 'name' | 'need'>

export const needed = (name: string, rest: Rest = {}): ElementRule => ({ name, need: 'needed', ...rest })
export const wanted = (name: string, rest: Rest = {}): ElementRule => ({ name, need: 'wanted', ...rest })
export const optional = (name: string, rest: Rest = {}): ElementRule => ({ name, need: 'optional', ...rest })
