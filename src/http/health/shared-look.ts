import { Gauge, type Registry } from 'prom-client'

/**
 * Makes gauges that show parts of one look, which whoever is collected first takes. What cannot be known is left out, or
 * no number where a gauge has no labels.
 */
export const gaugesOf =
  <Seen>(registry: Registry, look: () => Promise<Seen | null>) =>
  <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    show: (seen: Seen, gauge: Gauge<L>) => void,
  ): Gauge<L> =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const seen = await look()
        this.reset()
        if (seen !== null) show(seen, this)
        else if (labelNames.length === 0) this.set(Number.NaN)
      },
    })
