import { basename } from 'node:path'
import { detachedPair } from './detached-pair.ts'
import type { Job } from './job.ts'
import { UsageError } from './usage-error.ts'

/** @throws UsageError where it is there and no text */
export function text(job: Job, name: string): string | undefined {
  const value = job[name] ?? undefined
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw new UsageError(`${name} is no text`)
}

/** @throws UsageError where it is not there, or no text */
export function requiredText(job: Job, name: string): string {
  const value = text(job, name)
  if (value === undefined) throw new UsageError(`${name} is not given`)
  return value
}

/** One text, or a list of them. @throws UsageError */
export function texts(job: Job, name: string): string[] {
  const value = job[name] ?? []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one) => {
    if (typeof one !== 'string' || one === '') throw new UsageError(`${name} holds what is no text`)
    return one
  })
}

/** Files by name: `{name: file}`, `["NAME=FILE"]`, or `[{name, file}]`. @throws UsageError */
export function namedFiles(job: Job, name: string): (readonly [name: string, path: string])[] {
  const value = job[name] ?? []
  if (typeof value === 'object' && !Array.isArray(value))
    return Object.entries(value).map(([key, path]) => [key, pathOf(name, path)])
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.map((one) => {
    if (typeof one === 'string') return detachedPair(one)
    const { name: key, file } = (one ?? {}) as { name?: unknown; file?: unknown }
    const path = pathOf(name, file)
    return [typeof key === 'string' ? key : basename(path), path]
  })
}

function pathOf(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new UsageError(`${name} names no file`)
  return value
}
