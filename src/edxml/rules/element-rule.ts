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
  /** Receivers act on it, so that two different ones would send a document two ways: an error. */
  readonly decides?: true
  /** Characters. */
  readonly max?: number
  readonly format?: FormatId
  readonly children?: readonly ElementRule[]
  /** Its content is for others to read. */
  readonly opaque?: true
}

type Rest = Omit<ElementRule, 'name' | 'need'>

export const needed = (name: string, rest: Rest = {}): ElementRule => ({ name, need: 'needed', ...rest })
export const wanted = (name: string, rest: Rest = {}): ElementRule => ({ name, need: 'wanted', ...rest })
export const optional = (name: string, rest: Rest = {}): ElementRule => ({ name, need: 'optional', ...rest })
