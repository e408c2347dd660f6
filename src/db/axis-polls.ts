import type { ArrivalProblem, ArrivalState } from '../domain/axis/arrival.ts'
import type { Queryable } from './pool.ts'

/** When the lists of another exchange were asked for last, and what came of it. */
export interface AxisPoll {
  readonly connector: string
  readonly polledAt: Date
  readonly succeededAt: Date | null
  readonly failure: ArrivalProblem | null
}

/** Whether the lists are to be asked for now; then nobody else asks for as long. @param everySeconds from one poll to the next */
export async function takePoll(db: Queryable, connector: string, everySeconds: number): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'take-poll',
    text: `insert into axis_poll (connector, polled_at) values ($1, statement_timestamp())
      on conflict (connector) do update set polled_at = excluded.polled_at
        where axis_poll.polled_at <= statement_timestamp() - make_interval(secs => $2)`,
    values: [connector, everySeconds],
  })
  return rowCount === 1
}

/**
 * @param failure null where both lists were read
 * @returns whether the poll before this one had failed, and this one has not
 */
export async function notePoll(
  db: Queryable,
  connector: string,
  failure: ArrivalProblem | null,
): Promise<{ readonly endsOutage: boolean }> {
  const { rows } = await db.query<{ ends_outage: boolean }>({
    name: 'note-poll',
    text: `with before as (select failure as earlier from axis_poll where connector = $1 for update)
      update axis_poll set failure = $2::jsonb,
        succeeded_at = case when $2::jsonb is null then clock_timestamp() else succeeded_at end
      from before where connector = $1
      returning earlier is not null and $2::jsonb is null as ends_outage`,
    values: [connector, failure && JSON.stringify(failure)],
  })
  return { endsOutage: rows[0]?.ends_outage === true }
}

/** How polling each exchange stands. */
export async function listPolls(db: Queryable): Promise<AxisPoll[]> {
  const { rows } = await db.query<{
    connector: string
    polled_at: Date
    succeeded_at: Date | null
    failure: ArrivalProblem | null
  }>('select connector, polled_at, succeeded_at, failure from axis_poll order by connector')
  return rows.map(({ connector, polled_at, succeeded_at, failure }) => ({
    connector,
    polledAt: polled_at,
    succeededAt: succeeded_at,
    failure,
  }))
}

/** How much lies where of what other exchanges hold for this gateway. */
export interface ArrivalGauges {
  /** Of what is not done with: taken in and not told yet, and refused, too. */
  readonly open: readonly {
    readonly connector: string
    readonly state: ArrivalState
    readonly count: number
    /** Since the oldest of them stood on the list. */
    readonly seconds: number
  }[]
  /** Seconds since both lists were read last; null where they never were. */
  readonly polls: readonly { readonly connector: string; readonly seconds: number | null }[]
}

export async function readArrivalGauges(db: Queryable): Promise<ArrivalGauges> {
  const open = await db.query<ArrivalGauges['open'][number]>(
    `select connector, state, count(*) as count,
        extract(epoch from clock_timestamp() - min(listed_at))::float8 as seconds
      from (
        select connector, state, listed_at from axis_arrival where state in ('listed', 'fetched') or not told
        union all
        select connector, state, listed_at from axis_arrival where state = 'refused' and told) as kept
      group by 1, 2`,
  )
  const polls = await db.query<ArrivalGauges['polls'][number]>(
    'select connector, extract(epoch from clock_timestamp() - succeeded_at)::float8 as seconds from axis_poll',
  )
  return { open: open.rows, polls: polls.rows }
}
