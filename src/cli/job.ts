/** One job: what stands in one line of a batch. Its `id`, whatever it is, comes back with the answer. */
export type Job = Readonly<Record<string, unknown>>

/** What a job is answered: an object that is printed as one line of JSON. */
export type BatchCommand = (job: Job) => Promise<object>
