import type { Scenario } from '../../simulation/scenario.ts'

/** Scenarios that once broke what must hold, as fast-check made them smallest, each with what was wrong. */
export const KEPT: readonly Scenario[] = []
