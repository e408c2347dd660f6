import t from 'tap'
import { readManifest } from '../../../src/backup/read-manifest.ts'

const FILE = { sha256: 'a'.repeat(64), bytes: 1 }
const SOUND = {
  format: 1,
  name: '20261122T031500123Z',
  takenAt: '2026-11-22T03:15:00.123Z',
  postgresql: '18.4',
  migrations: ['0001_directory'],
  tables: [{ name: 'document', path: 'database/document.gz', columns: ['id'], rows: 1, ...FILE }],
  sequences: [{ name: 'outbox_id_seq', lastValue: '7', isCalled: true }],
  heads: { document: null, auditEvent: null, directoryRevision: 1, routingRevision: 1 },
  blobs: { path: 'blobs.gz', count: 1, missing: [], ...FILE },
  absent: [{ variable: 'TRAM_SEAL_KEY', fingerprint: null }],
}

t.strictSame(readManifest(JSON.stringify(SOUND)), SOUND)

/** Each is refused although its signature may be good: names become SQL, paths become files. */
const SPOILT: Readonly<Record<string, unknown>> = {
  'another format': { ...SOUND, format: 2 },
  'a table that is no name': {
    ...SOUND,
    tables: [{ ...SOUND.tables[0], name: 'document; drop table client' }],
  },
  'a path that leads out': { ...SOUND, tables: [{ ...SOUND.tables[0], path: '../../etc/passwd' }] },
  'a column that is no name': { ...SOUND, tables: [{ ...SOUND.tables[0], columns: ['id) from client'] }] },
  'rows that are no number': { ...SOUND, tables: [{ ...SOUND.tables[0], rows: '1' }] },
  'a digest that is none': { ...SOUND, blobs: { ...SOUND.blobs, sha256: 'abc' } },
  'a missing blob that is no digest': { ...SOUND, blobs: { ...SOUND.blobs, missing: ['../x'] } },
  'a sequence that is no name': { ...SOUND, sequences: [{ name: 'a b', lastValue: '1', isCalled: true }] },
  'a time that is none': { ...SOUND, takenAt: 'yesterday' },
}
for (const [defect, manifest] of Object.entries(SPOILT))
  t.throws(() => readManifest(JSON.stringify(manifest)), TypeError, defect)
