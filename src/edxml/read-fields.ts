import type { StaffInfo } from '../domain/envelope.ts'
import { type Element, textOf } from './element.ts'
import { isBlank } from './rules/check-element.ts'
import { integerOf } from './rules/formats.ts'

/** The texts of these children under the names of the domain; what is absent or empty is left out. */
export function texts<K extends string>(
  element: Element | undefined,
  names: Record<K, string>,
): { readonly [P in K]?: string } {
  const found = Object.entries<string>(names).flatMap(([key, name]) => {
    const value = textOf(element, name)
    return value === undefined ? [] : [[key, value]]
  })
  return Object.fromEntries(found)
}

/** The same for whole numbers; what is none is left out. */
export function integers<K extends string>(
  element: Element | undefined,
  names: Record<K, string>,
): { readonly [P in K]?: number } {
  const found = Object.entries<string>(names).flatMap(([key, name]) => {
    const value = integerOf(textOf(element, name))
    return value === undefined ? [] : [[key, value]]
  })
  return Object.fromEntries(found)
}

export function readStaff(element: Element | undefined): StaffInfo | undefined {
  if (element === undefined || isBlank(element)) return undefined
  return texts(element, { department: 'Department', staff: 'Staff', mobile: 'Mobile', email: 'Email' })
}
