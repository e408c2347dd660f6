import type { Command } from './command.ts'

/**
 * Commands on drafts. Whoever writes names an administrator's client and proves it by its secret (TRAM_CLIENT_SECRET).
 * There is none that approves: what is approved is looked at through the API.
 */
export const DRAFT_COMMANDS: Readonly<Record<string, Command>> = {
  'draft list': {
    usage: 'draft list [--state S] [--kind directory|routing] [--limit N] [--json]',
    purpose: { vi: 'liệt kê bản nháp', en: 'lists drafts' },
    load: async () => (await import('../cli/draft.ts')).draftList,
  },
  'draft show': {
    usage: 'draft show ID [--json]',
    purpose: { vi: 'xem một bản nháp', en: 'shows a draft' },
    load: async () => (await import('../cli/draft.ts')).draftShow,
  },
  'draft create': {
    usage: 'draft create FILE.json --as CLIENT --kind directory|routing --title T [--effective-at TIME]',
    purpose: {
      vi: 'tạo bản nháp từ danh sách hành vi hoặc quy tắc',
      en: 'makes a draft of a list of acts or rules',
    },
    load: async () => (await import('../cli/draft.ts')).draftCreate,
  },
  'draft edit': {
    usage: 'draft edit ID FILE.json --as CLIENT --version N [--title T]',
    purpose: { vi: 'ghi phiên bản tiếp theo của bản nháp', en: 'writes the next version of a draft' },
    load: async () => (await import('../cli/draft.ts')).draftEdit,
  },
  'draft rebase': {
    usage: 'draft rebase ID --as CLIENT',
    purpose: { vi: 'dựng lại bản nháp trên bản mới nhất', en: 'makes a draft anew from the latest revision' },
    load: async () => (await import('../cli/draft.ts')).draftRebase,
  },
  'draft submit': {
    usage: 'draft submit ID --as CLIENT',
    purpose: {
      vi: 'kiểm tra và trình phê duyệt; người thứ hai phê duyệt qua API',
      en: 'validates and submits; a second person approves through the API',
    },
    load: async () => (await import('../cli/draft.ts')).draftSubmit,
  },
  'draft diff': {
    usage: 'draft diff ID [--json]',
    purpose: { vi: 'xem bản nháp thay đổi những gì', en: 'shows what a draft changes' },
    load: async () => (await import('../cli/draft.ts')).draftDiff,
  },
  'draft effect': {
    usage: 'draft effect ID [--days N] [--json]',
    purpose: {
      vi: 'xem văn bản nào lẽ ra đã đi nơi khác',
      en: 'shows which documents would have gone elsewhere',
    },
    load: async () => (await import('../cli/draft.ts')).draftEffect,
  },
  'draft withdraw': {
    usage: 'draft withdraw ID --as CLIENT',
    purpose: { vi: 'hủy bản nháp', en: 'gives a draft up for good' },
    load: async () => (await import('../cli/draft.ts')).draftWithdraw,
  },
  'routing revert': {
    usage: 'routing revert N --as CLIENT',
    purpose: {
      vi: 'trình bản nháp khôi phục bảng định tuyến bản N',
      en: 'submits the draft that goes back to routing table N',
    },
    load: async () => (await import('../cli/revert.ts')).routingRevert,
  },
  'directory revert': {
    usage: 'directory revert N --as CLIENT',
    purpose: {
      vi: 'trình bản nháp hoàn nguyên bản danh bạ N',
      en: 'submits the draft that takes back directory revision N',
    },
    load: async () => (await import('../cli/revert.ts')).directoryRevert,
  },
}
