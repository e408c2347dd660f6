import pg from 'pg'
import { migrate } from '../../../src/db/migrate.ts'

/**
 * A database whose clock can be set. The gateway takes all its times from the database, so that days pass for every
 * process at once. A schema that comes before PostgreSQL's own answers `clock_timestamp()` and `now()`, also to the
 * defaults of columns, since it is there before the migrations.
 */
export interface MovedClock {
  readonly url: string
  /** @param instant ISO 8601 with its offset */
  set(instant: string): Promise<void>
  close(): Promise<void>
}

const SCHEMA = `
  create schema moved_clock;
  create table moved_clock.ahead (by interval not null);
  insert into moved_clock.ahead values ('0');
  create function moved_clock.clock_timestamp() returns timestamptz language sql volatile as
    $$ select pg_catalog.clock_timestamp() + (select by from moved_clock.ahead) $$;
  create function moved_clock.now() returns timestamptz language sql stable as
    $$ select pg_catalog.now() + (select by from moved_clock.ahead) $$;`

/** Makes a database `name` on a server, with this release's schema; its history begins at `instant`. */
export async function databaseWithMovedClock(
  server: string,
  name: string,
  instant: string,
): Promise<MovedClock> {
  await once(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  await once(url.href, SCHEMA)
  await once(url.href, `alter database ${name} set search_path = public, moved_clock, pg_catalog`)
  const set = (to: string) =>
    once(
      url.href,
      `update moved_clock.ahead set by = '${new Date(to).toISOString()}' - pg_catalog.clock_timestamp()`,
    )
  await set(instant)
  await migrate(url.href)
  return {
    url: url.href,
    set,
    close: () => once(server, `drop database if exists ${name} with (force)`),
  }
}

async function once(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
