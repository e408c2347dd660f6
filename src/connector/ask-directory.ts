import type { ListedAgencyQd20, SynchronizedUnit } from '../axis/answers.ts'
import type { AxisClient, Outcome } from '../axis/client-types.ts'
import type { ToldDirectory } from './told-agencies.ts'

/** Levels of administration that are asked for: those of the country before and after 1 July 2025. */
const LEVELS = ['1', '2', '3', '4']

/**
 * The lists of another exchange. Only the first is needed: not every exchange has the others, and one that does not tell
 * who was deleted has nobody closed.
 */
export async function askDirectory(
  client: Pick<AxisClient, 'getAgenciesList' | 'getAgenciesListQD20' | 'getSynchronizeUnit'>,
  signal?: AbortSignal,
): Promise<Outcome<ToldDirectory>> {
  const listed = await client.getAgenciesList(signal)
  if (!listed.ok) return listed
  const qd20: ListedAgencyQd20[] = []
  for (const level of LEVELS) {
    const answer = await client.getAgenciesListQD20(level, signal)
    if (!answer.ok) break
    qd20.push(...answer.value.items)
  }
  const units: Outcome<{ readonly items: readonly SynchronizedUnit[] }> =
    await client.getSynchronizeUnit(signal)
  return {
    ok: true,
    value: { agencies: listed.value.items, qd20, units: units.ok ? units.value.items : [] },
  }
}
