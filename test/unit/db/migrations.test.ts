import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { stepsOf } from '../../../src/db/migration-steps.ts'
import { migrationFaults } from '../../architecture/migration-rules.ts'

const FOLDERS = ['../../../src/db/migrations/', '../../fixtures/next-release/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
)

t.test('every migration lets the release before serve meanwhile', async (t) => {
  for (const folder of FOLDERS)
    for (const name of (await readdir(folder)).sort()) {
      const text = await readFile(folder + name, 'utf8')
      t.match(name, /^\d{4}_[a-z0-9_]+\.sql$/)
      t.strictSame(migrationFaults({ name, text }), [], name)
    }
})

const BROKEN: Record<string, string> = {
  'an index that locks': 'create index x on delivery (tier);',
  'a unique index that locks': 'create unique index x\n  on document (id) where true;',
  'an index in a transaction':
    'drop index concurrently if exists x;\ncreate index concurrently x on delivery (tier);',
  'an index that may be there and not valid':
    '-- Step\ncreate index concurrently if not exists x on delivery (tier);',
  'a constraint that reads the table': 'alter table delivery add constraint x check (tier is not null);',
  'a foreign key that reads the table':
    'alter table attempt add foreign key (delivery_id) references delivery;',
  'a default that rewrites the table': 'alter table document add column x uuid default gen_random_uuid();',
  'a filling in one go': `update delivery set tier = 'x';`,
  'a filling in one step': `-- Step, until it changes nothing\nupdate delivery set tier = 'x' where tier is null;`,
  'a filling that passes again and again what it has filled': `-- Step, until it changes nothing
update delivery set tier = 'x' where id in (select id from delivery where tier is null order by id limit 10);`,
  'a limit without steps': `update delivery set tier = 'x' where id in (select id from delivery limit 10);`,
  'a type that rewrites the table': 'alter table delivery alter column epoch type bigint;',
  'a name that the release before knows': 'alter table client rename column name to title;',
  'a column that may be in use': 'alter table client drop column name;',
  'a table that may be in use': 'drop table client;',
  'a lock': 'lock table client;',
}

for (const [what, text] of Object.entries(BROKEN))
  t.test(`refused: ${what}`, async (t) => {
    t.ok(migrationFaults({ name: '9000_x.sql', text }).length > 0)
    t.strictSame(migrationFaults({ name: '0001_x.sql', text }), [], 'what is released is never changed')
  })

const SOUND: Record<string, string> = {
  'an index on a new table': 'create table x (a int);\ncreate index y on x (a);',
  'a column with a fixed default': `alter table delivery add column x text not null default 'a';`,
  'a column that is said to be out of use':
    '-- Contract: since 1.4 nobody reads it.\nalter table client drop column name;',
  'a filling in batches that go on behind each other': `-- Step, until it changes nothing
update delivery set tier = 'x' where id = any (array(select id from delivery where tier is null and id > $1::uuid
  order by id limit 10)) returning id;`,
  'what is only said': '-- create index x on delivery (tier);',
}

for (const [what, text] of Object.entries(SOUND))
  t.test(`allowed: ${what}`, async (t) => t.strictSame(migrationFaults({ name: '9000_x.sql', text }), []))

t.test('steps', async (t) => {
  t.equal(stepsOf('-- Up Migration\nselect 1;'), null, 'a migration is one transaction')
  t.strictSame(stepsOf('-- Why.\n-- Step\nselect 1;\n-- Step, until it changes nothing\nselect $1;\n'), [
    { untilDone: false, inOrder: false, sql: 'select 1;' },
    { untilDone: true, inOrder: true, sql: 'select $1;' },
  ])
  t.throws(() => stepsOf('select 1;\n-- Step\nselect 2;'), /nothing before its first step/)
})
