import type { Door } from '../door.ts'
import { registerOpenApi } from '../openapi/register.ts'

export const auditorApi: Door = async (app) => {
  await registerOpenApi(app, 'auditor')
}
