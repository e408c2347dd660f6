/** What was found of one thing. A warning is no failure yet. */
export interface Finding {
  readonly outcome: 'ok' | 'warning' | 'failed'
  readonly what: string
  readonly detail: string
}

export interface Check {
  readonly what: string
  /** What was found; a rejection is a failure. */
  look(): Promise<Omit<Finding, 'what'>>
}
