import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { auditEvents } from './docs/audit-events.ts'
import { configuration } from './docs/configuration.ts'
import { sheetColumns } from './docs/sheet-columns.ts'
import { signaturePolicy, signaturePolicySchema } from './docs/signature-policy.ts'
import { stateMachines } from './docs/state-machines.ts'

/** Pages that are made from the code, by their path from the root of the project. */
export const GENERATED_DOCS: Readonly<Record<string, () => string>> = {
  'docs/state-machines.md': stateMachines,
  'docs/audit-events.md': auditEvents,
  'docs/configuration.md': configuration,
  'docs/sheet-columns.md': sheetColumns,
  'docs/signature-policy.md': signaturePolicy,
  'schemas/signature-policy.json': signaturePolicySchema,
}

/* npm run docs: writes them. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, make] of Object.entries(GENERATED_DOCS))
    await writeFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), make())
}
