import { authenticate } from '../auth/authenticate.ts'
import type { Door } from '../door.ts'
import { refuseForbiddenCharacters } from '../forbidden-characters.ts'
import { registerOpenApi } from '../openapi/register.ts'
import type { Operation } from '../operation.ts'
import { exportRecords } from './export-records.ts'
import { getDocument } from './get-document.ts'
import { getEvidence } from './get-evidence.ts'
import { getReceipts } from './get-receipts.ts'
import { getStatistics } from './get-statistics.ts'
import { searchRecords } from './search-records.ts'

const OPERATIONS: readonly Operation[] = [
  searchRecords,
  getDocument,
  getEvidence,
  getReceipts,
  exportRecords,
  getStatistics,
]

/** The door of the auditors. Nothing behind it changes anything but the record of what they took. */
export const auditorApi: Door = async (app, { context }) => {
  await registerOpenApi(app, 'auditor')
  app.addHook('onRequest', authenticate(context, 'auditor'))
  app.addHook('preValidation', refuseForbiddenCharacters)
  for (const operation of OPERATIONS) operation(app, context)
}
