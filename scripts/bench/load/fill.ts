import pg from 'pg'

/*
 * Fills a database with documents that came and went: likes of a few that really did, through the real schema, with
 * their deliveries, attempts and events. Each column is that of its original unless it says otherwise here, so that a
 * new column needs nothing.
 */

/** Seconds between two of the documents that are filled in. */
const APART = 25
const WORDS =
  `array['nhân sự','tài chính','đất đai','giáo dục','y tế','xây dựng','giao thông','môi trường','chuyển đổi số',` +
  `'thanh tra','đấu thầu','biên chế','quy hoạch','thuế','hải quan','nông nghiệp','du lịch','thể thao','lao động','dân tộc']`
const FOLDED =
  `array['nhan su','tai chinh','dat dai','giao duc','y te','xay dung','giao thong','moi truong','chuyen doi so',` +
  `'thanh tra','dau thau','bien che','quy hoach','thue','hai quan','nong nghiep','du lich','the thao','lao dong','dan toc']`
const wordAt = (words: string, step: number) => `(${words})[1 + (n / ${step} + n * 7) % 20]`
const SUBJECT = (words: string, about: string) =>
  `'${about} ' || ${wordAt(words, 1)} || ', ' || ${wordAt(words, 20)} || ' ' || ${wordAt(words, 400)}`
const NUMBER = `(n % 9973)::text`
const LIKE_ID = `(one.sender_code || ',2026/01/01,like-' || n || '/BENCH')`

const AND = ` || ' | ' || `
/** What else documents are found by: number, DocumentId, sender and signer. */
const OTHER_TEXTS = (agency: string, signer: string): string[] => [
  `${NUMBER} || '/btn-vp'`,
  `${LIKE_ID}`,
  `'${agency} ' || one.sender_code`,
  `'${signer}'`,
]

const uuid = (kind: number, rank = '0') =>
  `(lpad(to_hex(n), 8, '0') || '-000${kind}-7000-8000-' || lpad(to_hex(${rank}), 12, '0'))::uuid`
const before = (column: string) => `${column} - (${APART} * n) * interval '1 second'`

interface Likes {
  readonly table: string
  /** How rows belong to the document `original.id`. */
  readonly from: string
  /** What differs in a like. */
  readonly changed: Readonly<Record<string, string>>
}

const DELIVERY_RANK = `one.rank`

const LIKES: readonly Likes[] = [
  {
    table: 'document',
    from: `document as one on one.id = original.id`,
    changed: {
      id: uuid(1),
      submission_key: `'like ' || n`,
      edxml_document_id: LIKE_ID,
      code_number: NUMBER,
      subject: SUBJECT(WORDS, 'V/v triển khai công tác'),
      search_text: `lower(${[SUBJECT(WORDS, 'v/v triển khai công tác'), ...OTHER_TEXTS('cơ quan', 'nguyễn văn thử')].join(AND)}
        || ' || ' || ${[SUBJECT(FOLDED, 'v/v trien khai cong tac'), ...OTHER_TEXTS('co quan', 'nguyen van thu')].join(AND)})`,
      packet_sha256: `encode(sha256(n::text::bytea), 'hex')`,
      accepted_at: before('one.accepted_at'),
    },
  },
  {
    table: 'attachment',
    from: `attachment as one on one.document_id = original.id`,
    changed: { document_id: uuid(1), sha256: `encode(sha256((n || ' file')::bytea), 'hex')` },
  },
  {
    table: 'delivery',
    from: `(select delivery.*, row_number() over (partition by document_id order by id) as rank from delivery) as one
      on one.document_id = original.id`,
    changed: {
      id: uuid(2, DELIVERY_RANK),
      document_id: uuid(1),
      accepted_at: before('one.accepted_at'),
      inbox_number: `1000000000::bigint + n * 10 + ${DELIVERY_RANK}`,
      state_since: before('one.state_since'),
      handed_over_at: before('one.handed_over_at'),
      acknowledged_at: before('one.acknowledged_at'),
    },
  },
  {
    table: 'attempt',
    from: `(select attempt.*, delivery.document_id,
        dense_rank() over (partition by delivery.document_id order by delivery.id) as rank
      from attempt join delivery on delivery.id = attempt.delivery_id) as one on one.document_id = original.id`,
    changed: {
      delivery_id: uuid(2, DELIVERY_RANK),
      started_at: before('one.started_at'),
      finished_at: before('one.finished_at'),
    },
  },
  {
    table: 'audit_event',
    from: `(select audit_event.*, row_number() over (partition by document_id order by id) as row,
        dense_rank() over (partition by document_id, delivery_id is null order by delivery_id) as rank
      from audit_event where document_id is not null) as one on one.document_id = original.id`,
    changed: {
      id: uuid(3, 'one.row'),
      document_id: uuid(1),
      delivery_id: `case when one.delivery_id is not null then ${uuid(2, DELIVERY_RANK)} end`,
      at: before('one.at'),
    },
  },
  {
    table: 'idempotency_key',
    from: `idempotency_key as one on one.document_id = original.id`,
    changed: { document_id: uuid(1), key: `'like ' || n`, created_at: before('one.created_at') },
  },
]

/** As many rows as likes bring, with digests at random as theirs are; of their bytes nothing is read, and little stored. */
const SMALL_BLOBS = (first: number, last: number) =>
  `insert into small_blob (sha256, bytes)
    select encode(sha256(made.bytes), 'hex'), made.bytes
    from (select (n || part)::bytea as bytes from generate_series(${first}, ${last}) as n,
      unnest(array['', ' file', ' seal']) as part) as made order by 1`

const TABLES = [...LIKES.map(({ table }) => table), 'small_blob'].join(', ')
/** At a time: what one statement keeps until it ends is bounded. */
const BATCH = 100_000

async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  )
  return rows.map(({ name }) => name)
}

async function copy(client: pg.Client, likes: Likes, first: number, last: number): Promise<void> {
  const columns = await columnsOf(client, likes.table)
  const values = columns.map((column) => likes.changed[column] ?? `one."${column}"`)
  await client.query(`insert into ${likes.table} (${columns.map((column) => `"${column}"`).join(', ')})
    select ${values.join(', ')} from generate_series(${first}, ${last}) as n
    join bench_original as original on original.turn = n % (select count(*) from bench_original)
    join ${likes.from}`)
}

/** What was filled in, so that it can be asked for. */
export interface Filled {
  readonly likes: number
  /** Senders of the originals, in the order in which likes take their turns. */
  readonly senders: readonly string[]
}

export const NOTHING_FILLED: Filled = { likes: 0, senders: [] }

/** The DocumentId of the like with this number, from 1: that of its original's sender. */
export const likeIdOf = ({ senders }: Filled, number: number): string =>
  `${senders[number % senders.length]},2026/01/01,like-${number}/BENCH`

/** Documents that went all their way; the same in each step of the filling. */
async function originalsOf(client: pg.Client): Promise<string[]> {
  await client.query(`create table if not exists bench_original as
    select id, sender_code, row_number() over (order by id) - 1 as turn from document
    where submission_key not like 'like %'
      and not exists (select from delivery where document_id = document.id and state <> 'acknowledged')
    order by id limit 40`)
  const { rows } = await client.query<{ sender: string }>(
    'select sender_code as sender from bench_original order by turn',
  )
  if (rows.length === 0) throw new Error('no document went all its way: there is nothing to be like')
  return rows.map(({ sender }) => sender)
}

/** Indexes of words are dropped while `work` runs, and made anew: keeping them up would take most of the time. */
async function withoutWordIndexes(client: pg.Client, work: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
      where tablename = 'document' and indexdef like '%USING gin%'`,
  )
  for (const { name } of rows) await client.query(`drop index "${name}"`)
  await work()
  for (const { definition } of rows) await client.query(definition)
}

/**
 * Fills a database until so many likes are stored. Keys of other tables are not looked up. Then everything is vacuumed and
 * analysed, and a checkpoint made, as if it had lain there for long.
 * @param from likes that are there already
 */
export async function fill(
  databaseUrl: string,
  from: number,
  likes: number,
  tell: (line: string) => void,
): Promise<Filled> {
  // The gateway's own connections wait no longer than half a minute.
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const began = performance.now()
  const soFar = () => `${((performance.now() - began) / 1_000).toFixed(0)} s`
  try {
    await client.query(`set session_replication_role = replica; set synchronous_commit = off;
      set maintenance_work_mem = '512MB'; set work_mem = '128MB'`)
    const senders = await originalsOf(client)
    await withoutWordIndexes(client, async () => {
      for (let first = from + 1; first <= likes; first += BATCH) {
        const last = Math.min(likes, first + BATCH - 1)
        for (const one of LIKES) await copy(client, one, first, last)
        await client.query(SMALL_BLOBS(first, last))
        tell(`  ${last} documents, ${soFar()}`)
      }
    })
    await client.query(`vacuum (analyze) ${TABLES}`)
    await client.query('checkpoint')
    tell(`  ${likes} documents filled in, ${soFar()}`)
    return { likes, senders }
  } finally {
    await client.end()
  }
}
