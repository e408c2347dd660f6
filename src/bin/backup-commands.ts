import type { Command } from './command.ts'

/** Commands that bring everything to another disk, and back. */
export const BACKUP_COMMANDS: Readonly<Record<string, Command>> = {
  backup: {
    usage: 'backup --to FOLDER [--verify]',
    purpose: {
      vi: 'sao lưu cơ sở dữ liệu và kho tệp trong khi trục đang chạy; --verify đọc lại và chép lại tệp hỏng trong thư mục sao lưu',
      en: 'backs up database and blobs while the gateway is at work; --verify reads what is there already, and copies anew what is damaged',
    },
    load: async () => (await import('../cli/backup.ts')).backup,
  },
  restore: {
    usage:
      'restore --from FOLDER [--check | --without-damaged] [--signer SHA256]… | restore --compare FILE… [--settle] [--signer SHA256]…',
    purpose: {
      vi: 'khôi phục vào cơ sở dữ liệu và kho tệp trống; --check chỉ kiểm tra; --without-damaged bỏ qua tệp hỏng; --compare nêu tên những gì có sau bản sao lưu',
      en: 'restores into an empty database and blob store; --check only verifies; --without-damaged leaves damaged blobs out; --compare names what came after the backup',
    },
    load: async () => (await import('../cli/restore.ts')).restore,
  },
}
