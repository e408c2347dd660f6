import type { Door } from '../door.ts'
import { registerOpenApi } from '../openapi/register.ts'

export const agencyApi: Door = async (app) => {
  await registerOpenApi(app, 'agency')
}
