import type { Command } from './command.ts'

const IMPORT = '--as CLIENT [--title T] [--base N] [--sheet NAME] [--draft ID --version N] [--dry-run]'
const EXPORT = "[--lang vi|en] [--delimiter ';']"

/** Routing table and directory as files of spreadsheets. An import writes a draft, and nothing else. */
export const SHEET_COMMANDS: Readonly<Record<string, Command>> = {
  'routing export': {
    usage: `routing export FILE.csv|FILE.xlsx [--revision N] ${EXPORT}`,
    purpose: { vi: 'ghi bảng định tuyến ra tệp', en: 'writes the routing table to a file' },
    load: async () => (await import('../cli/sheets.ts')).routingExport,
  },
  'routing import': {
    usage: `routing import FILE.csv|FILE.xlsx ${IMPORT}`,
    purpose: {
      vi: 'tạo bản nháp bảng định tuyến từ tệp',
      en: 'makes a draft of the routing table in a file',
    },
    load: async () => (await import('../cli/sheets.ts')).routingImport,
  },
  'directory export': {
    usage: `directory export FILE.csv|FILE.xlsx [--on DAY] [--under CODE] [--closed] ${EXPORT}`,
    purpose: { vi: 'ghi danh bạ của một ngày ra tệp', en: 'writes the agencies of a day to a file' },
    load: async () => (await import('../cli/sheets.ts')).directoryExport,
  },
  'directory import': {
    usage: `directory import FILE.csv|FILE.xlsx [--on DAY] [--complete] ${IMPORT}`,
    purpose: {
      vi: 'tạo bản nháp từ những gì tệp khác với danh bạ',
      en: 'makes a draft of what distinguishes a file from the directory',
    },
    load: async () => (await import('../cli/sheets.ts')).directoryImport,
  },
}
