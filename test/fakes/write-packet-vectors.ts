import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packetVectors } from './packet-vectors.ts'

/* Writes the vectors of signed packets anew, with fresh keys. */
const VECTORS = fileURLToPath(new URL('../vectors', import.meta.url))

function write(folder: string, files: Readonly<Record<string, string>>, ending: string): void {
  mkdirSync(join(VECTORS, folder), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(VECTORS, folder, name + ending), text)
}

const { valid, invalid, authorities } = packetVectors()
write('valid/signature', valid, '.edxml')
write('invalid/signature', invalid, '.edxml')
write('authorities', authorities, '.pem')
