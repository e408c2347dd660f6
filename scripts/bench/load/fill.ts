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

/**
 * Fills a database until so many documents are stored. Indexes of words are made anew afterwards, and keys of others are
 * not looked up: both would take most of the time.
 * @param from likes that are there already
 * @returns how many are there now
 */
export async function fill(
  databaseUrl: string,
  from: number,
  documents: number,
  tell: (line: string) => void,
): Promise<number> {
  // The gateway's own connections wait no longer than half a minute.
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const began = performance.now()
  try {
    await client.query(`set session_replication_role = replica; set synchronous_commit = off;
      set maintenance_work_mem = '512MB'; set work_mem = '128MB'`)
    await client.query(`create table if not exists bench_original as
      select id, row_number() over (order by id) - 1 as turn from document where submission_key not like 'like %'
        and not exists (select from delivery where document_id = document.id and state <> 'acknowledged')
      order by id limit 40`)
    const { rows } = await client.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes
        where tablename = 'document' and indexdef like '%USING gin%'`,
    )
    for (const { name } of rows) await client.query(`drop index "${name}"`)
    for (let first = from + 1; first <= documents; first += BATCH) {
      const last = Math.min(documents, first + BATCH - 1)
      for (const likes of LIKES) await copy(client, likes, first, last)
      await client.query(SMALL_BLOBS(first, last))
      tell(`  ${last} documents, ${((performance.now() - began) / 1_000).toFixed(0)} s`)
    }
    for (const { definition } of rows) await client.query(definition)
    await client.query(`vacuum (analyze) ${TABLES}`)
    await client.query('checkpoint')
    tell(`  ${documents} documents stored, ${((performance.now() - began) / 1_000).toFixed(0)} s`)
    return documents
  } finally {
    await client.end()
  }
}
