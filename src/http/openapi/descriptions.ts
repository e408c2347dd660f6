import type { Role } from '../../domain/caller.ts'

/** What the OpenAPI document of each door says of it. */
export const DESCRIPTIONS: Record<Role, { readonly title: string; readonly description: string }> = {
  agency: {
    title: 'Tram: agencies',
    description:
      'For the document systems of agencies: submit documents and statuses, take what has come into the inbox, ' +
      'follow what was sent. Dành cho hệ thống quản lý văn bản của cơ quan.',
  },
  admin: {
    title: 'Tram: administration',
    description:
      'For operators: the directory, clients, routing, deliveries in trouble. Dành cho đơn vị vận hành trục.',
  },
  auditor: {
    title: 'Tram: audit',
    description:
      'For auditors: search, timelines, statistics, evidence. Reads only. Dành cho thanh tra, kiểm tra.',
  },
}
