import type { StaffInfo } from '../domain/envelope.ts'
import { type Element, textOf } from './element.ts'
import { isBlank } from './rules/check-element.ts'
import { integerOf } from './rules/formats.ts'

/** The texts of these children under the names of the domain; what is absent or empty is left out. */
export function texts<K extends string>(
  element: Element | undefined,
  names: Record<K, string>,
): { readonly [P in K]?: string } {
  const found: { [P in K]?: string } = {}
  for (const key in names) {
    const value = textOf(element, names[key])
    if (value !== undefined) found[key] = value
  }
  return found
}

/** The same for whole numbers; what is none is left out. */
export function integers<K extends string>(
  element: Element | undefined,
  names: Record<K, string>,
): { readonly [P in K]?: number } {
  const found: { [P in K]?: number } = {}
  for (const key in names) {
    const value = integerOf(textOf(element, names[key]))
    if (value !== undefined) found[key] = value
  }
  return found
}

export function readStaff(element: Element | undefined): StaffInfo | undefined {
  if (element === undefined || isBlank(element)) return undefined
  return texts(element, { department: 'Department', staff: 'Staff', mobile: 'Mobile', email: 'Email' })
}
