import type { Door } from '../door.ts'
import { registerOpenApi } from '../openapi/register.ts'

export const adminApi: Door = async (app) => {
  await registerOpenApi(app, 'admin')
}
