import type { ApiContext } from '../context.ts'
import type { Door } from './door.ts'

/** One operation of a door: adds its route. */
export type Operation = (app: Parameters<Door>[0], context: ApiContext) => void
