/** Gives the present instant. Passed in wherever a rule depends on time, so that a test can hold it still. */
export type Clock = () => Date
