import type { ChannelId } from '../domain/channel-id.ts'

const MAILBOX: ChannelId = 'mailbox'

/**
 * A delivery that only has to be put into an inbox here. One with quiet hours is taken by a worker, who asks for the
 * hour; one that a worker took and never settled as well, who counts that.
 */
export const IS_LOCAL = `(delivery.channel = '${MAILBOX}' and not delivery.route ? 'quietHours')`

/** The same of a delivery that is being added. */
export const isLocal = (channel: ChannelId, route: object): boolean =>
  channel === MAILBOX && !('quietHours' in route)

/**
 * For rows that are looked up by their keys. Statistics of a quiet hour say that hardly anything waits, and an index of
 * all that waits then looks as good as the key, while a circular stands in it: written so, the planner has no choice.
 */
export const STILL_WAITING = `coalesce(delivery.state = 'waiting', false)`

/** Below the numbers of a new inbox: those of before a restoration stay with what they were given to. */
export const NUMBER_FLOOR = 'coalesce((select max(number_floor) from restoration), 0)'

/**
 * Not to a recipient who is paused. Neither as `not exists` nor plainly: of both the planner, which never sees a table that is
 * empty as a rule, expects that next to nothing is left, and then reads and sorts a whole tier for the few that stand first in
 * an index. Of this it expects half.
 */
export const NOT_PAUSED = `coalesce(delivery.recipient_code <> all (array(select agency_code from recipient_pause)), false)`
