import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { problemCatalogue } from './problem-catalogue.ts'

/* npm run problems: writes docs/problems.md. */
await writeFile(fileURLToPath(new URL('../docs/problems.md', import.meta.url)), problemCatalogue())
