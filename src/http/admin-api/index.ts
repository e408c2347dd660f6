import { authenticate } from '../auth/authenticate.ts'
import type { Door } from '../door.ts'
import { refuseForbiddenCharacters } from '../forbidden-characters.ts'
import { addGroupRoutes } from '../group-routes.ts'
import { registerOpenApi } from '../openapi/register.ts'
import type { Operation } from '../operation.ts'
import { getAgencyLimits, putAgencyLimits } from './agency-limits.ts'
import { approveDraft } from './approve-draft.ts'
import { bindCertificate } from './bind-certificate.ts'
import { cancelDelivery } from './cancel-delivery.ts'
import { changeAxisSystem } from './change-axis-system.ts'
import { confirmAxisProposal } from './confirm-axis-proposal.ts'
import { createAgencyKey } from './create-agency-key.ts'
import { createAxisSystem } from './create-axis-system.ts'
import { createClient } from './create-client.ts'
import { createDelegation } from './create-delegation.ts'
import { createDraft } from './create-draft.ts'
import { endDelegation } from './end-delegation.ts'
import { explainRoute } from './explain-route.ts'
import { exportSheets } from './export-sheets.ts'
import { getAgency } from './get-agency.ts'
import { getAxisArrival } from './get-axis-arrival.ts'
import { getAxisSystem } from './get-axis-system.ts'
import { getClient } from './get-client.ts'
import { getDelivery } from './get-delivery.ts'
import { getDirectoryRevision } from './get-directory-revision.ts'
import { getDirectoryTree } from './get-directory-tree.ts'
import { getDraft } from './get-draft.ts'
import { getDraftDiff } from './get-draft-diff.ts'
import { getDraftEffect } from './get-draft-effect.ts'
import { getEndpoint } from './get-endpoint.ts'
import { getHealth } from './get-health.ts'
import { getRoutingRevision } from './get-routing-revision.ts'
import { getRoutingTable } from './get-routing-table.ts'
import { importDraft } from './import-draft.ts'
import { listAgencies } from './list-agencies.ts'
import { listAgencyKeys } from './list-agency-keys.ts'
import { listAxisArrivals } from './list-axis-arrivals.ts'
import { listAxisSystems } from './list-axis-systems.ts'
import { listCertificates } from './list-certificates.ts'
import { listClients } from './list-clients.ts'
import { listDelegations } from './list-delegations.ts'
import { listDeliveries } from './list-deliveries.ts'
import { listDirectoryRevisions } from './list-directory-revisions.ts'
import { listDrafts } from './list-drafts.ts'
import { listFailures } from './list-failures.ts'
import { listRoutingRevisions } from './list-routing-revisions.ts'
import { moveDraft } from './move-draft.ts'
import { pauseEndpoint } from './pause-endpoint.ts'
import { putDraftContent } from './put-draft-content.ts'
import { rebaseDraft } from './rebase-draft.ts'
import { removeSecrets } from './remove-secrets.ts'
import { retiredOperations } from './retired-operations.ts'
import { retryAxisArrival } from './retry-axis-arrival.ts'
import { retryDelivery } from './retry-delivery.ts'
import { retryFailures } from './retry-failures.ts'
import { revertRevision } from './revert-revision.ts'
import { revokeAgencyKey } from './revoke-agency-key.ts'
import { revokeAxisSystem } from './revoke-axis-system.ts'
import { revokeClient } from './revoke-client.ts'
import { rotateAxisSecret } from './rotate-axis-secret.ts'
import { rotateSecret } from './rotate-secret.ts'
import { setKeys } from './set-keys.ts'
import { submitDraft } from './submit-draft.ts'

const OPERATIONS: readonly Operation[] = [
  listAgencies,
  getAgency,
  getDirectoryTree,
  listDirectoryRevisions,
  getDirectoryRevision,
  getEndpoint,
  pauseEndpoint,
  getAgencyLimits,
  putAgencyLimits,
  listDelegations,
  createDelegation,
  endDelegation,
  listClients,
  getClient,
  createClient,
  rotateSecret,
  removeSecrets,
  setKeys,
  bindCertificate,
  revokeClient,
  listAxisSystems,
  createAxisSystem,
  getAxisSystem,
  changeAxisSystem,
  confirmAxisProposal,
  rotateAxisSecret,
  revokeAxisSystem,
  listAxisArrivals,
  getAxisArrival,
  retryAxisArrival,
  getRoutingTable,
  listRoutingRevisions,
  getRoutingRevision,
  explainRoute,
  createDraft,
  importDraft,
  exportSheets,
  listDrafts,
  getDraft,
  putDraftContent,
  submitDraft,
  moveDraft,
  rebaseDraft,
  approveDraft,
  getDraftDiff,
  getDraftEffect,
  revertRevision,
  retiredOperations,
  listDeliveries,
  getDelivery,
  retryDelivery,
  cancelDelivery,
  listFailures,
  retryFailures,
  listAgencyKeys,
  createAgencyKey,
  revokeAgencyKey,
  getHealth,
  listCertificates,
]

/** The door of the operators: directory, clients, routing, deliveries in trouble. */
export const adminApi: Door = async (app, { context }) => {
  await registerOpenApi(app, 'admin')
  app.addHook('onRequest', authenticate(context, 'admin'))
  app.addHook('preValidation', refuseForbiddenCharacters)
  for (const operation of OPERATIONS) operation(app, context)
  addGroupRoutes(app, context, '/directory/groups', 'agencies')
}
