import type { ApiContext } from '../../context.ts'
import type { DraftDependencies } from '../../directory/drafts/dependencies.ts'
import { WITHOUT_CONNECTOR } from '../../domain/channel-id.ts'

/** What drafts are judged and applied with in the API. */
export const draftDependencies = ({ pool, registry, config }: ApiContext): DraftDependencies => ({
  pool,
  registry,
  usable: WITHOUT_CONNECTOR,
  allowHttp: config.push.allowHttp,
})
