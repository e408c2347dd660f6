import type { Command } from './command.ts'

const SETTINGS =
  '[--serves CODE]… [--serves-beneath CODE]… [--right R]… [--network CIDR]… [--certificate SHA256] [--clock-tolerance SECONDS]'

const load = () => import('../cli/axis-system.ts')
const loadArrivals = () => import('../cli/axis.ts')

/** Commands for the systems that call this gateway as they call the national axis, and for exchanges that it calls. */
export const AXIS_COMMANDS: Readonly<Record<string, Command>> = {
  'axis-system create': {
    usage: `axis-system create ID --name N --agency CODE ${SETTINGS}`,
    purpose: {
      vi: 'thêm hệ thống gọi theo giao diện trục, in bí mật một lần',
      en: 'adds a system of the axis interface, prints its secret once',
    },
    load: async () => (await load()).axisSystemCreate,
  },
  'axis-system change': {
    usage: `axis-system change ID ${SETTINGS}`,
    purpose: {
      vi: 'đổi phạm vi, quyền, mạng, chứng thư của hệ thống; không nêu thì giữ nguyên',
      en: 'changes whom it serves, its rights, networks, certificate; what is not named stays',
    },
    load: async () => (await load()).axisSystemChange,
  },
  'axis-system list': {
    usage: 'axis-system list [--after ID] [--limit N]',
    purpose: { vi: 'liệt kê hệ thống gọi theo giao diện trục', en: 'lists systems of the axis interface' },
    load: async () => (await load()).axisSystemList,
  },
  'axis-system show': {
    usage: 'axis-system show ID',
    purpose: { vi: 'xem một hệ thống, không có bí mật', en: 'shows a system, never its secrets' },
    load: async () => (await load()).axisSystemShow,
  },
  'axis-system rotate': {
    usage: 'axis-system rotate ID [--grace SECONDS]',
    purpose: {
      vi: 'cấp bí mật mới, in một lần; bí mật cũ còn dùng được một ngày hoặc --grace giây',
      en: 'gives a new secret, printed once; earlier ones work for a day, or --grace seconds',
    },
    load: async () => (await load()).axisSystemRotate,
  },
  'axis-system revoke': {
    usage: 'axis-system revoke ID',
    purpose: { vi: 'thu hồi quyền của hệ thống', en: 'revokes a system for good' },
    load: async () => (await load()).axisSystemRevoke,
  },
  'axis sync': {
    usage: 'axis sync CONNECTOR [--dry-run] [--json]',
    purpose: {
      vi: 'so danh bạ của trục khác với danh bạ ở đây, trình phần khác nhau thành bản nháp',
      en: "compares another exchange's directory with ours, submits what differs as a draft",
    },
    load: async () => (await import('../cli/axis-sync.ts')).axisSync,
  },
  'axis arrivals': {
    usage: 'axis arrivals [--connector NAME] [--state S] [--after ID] [--limit N] [--json]',
    purpose: {
      vi: 'liệt kê gói tin mà trục khác giữ cho trục này',
      en: 'lists what other exchanges hold for this gateway',
    },
    load: async () => (await loadArrivals()).axisArrivals,
  },
  'axis retry': {
    usage: 'axis retry ID',
    purpose: {
      vi: 'cho tiếp nhận lại gói tin đã bị từ chối',
      en: 'lets a packet of another exchange that was refused begin anew',
    },
    load: async () => (await loadArrivals()).axisRetry,
  },
}
