import type { Queryable } from './pool.ts'

interface UnderWay<T> {
  readonly running: Promise<T>
  next: Promise<T> | undefined
}

/**
 * One question for all who ask it at the same time of the same connection or pool. An answer is never older than its
 * asker's question: who asks while one is under way shares the one after it.
 */
export function sharedRead<T>(read: (db: Queryable) => Promise<T>): (db: Queryable) => Promise<T> {
  const underWay = new WeakMap<Queryable, UnderWay<T>>()
  const begin = (db: Queryable): Promise<T> => {
    const one: UnderWay<T> = { running: read(db), next: undefined }
    underWay.set(db, one)
    const end = () => {
      if (one.next === undefined) underWay.delete(db)
    }
    one.running.then(end, end)
    return one.running
  }
  return (db) => {
    const current = underWay.get(db)
    if (current === undefined) return begin(db)
    current.next ??= current.running.then(
      () => begin(db),
      () => begin(db),
    )
    return current.next
  }
}
