import { parseArgs } from 'node:util'
import { UsageError } from '../cli/usage-error.ts'
import { ConfigError } from '../config.ts'
import { SetupError } from '../context/setup-error.ts'
import { AXIS_COMMANDS } from './axis-commands.ts'
import { BACKUP_COMMANDS } from './backup-commands.ts'
import type { Command } from './command.ts'
import { DRAFT_COMMANDS } from './draft-commands.ts'
import { SHEET_COMMANDS } from './sheet-commands.ts'

/** Every command of `tram`, by its name of one or two words. */
const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    usage: 'serve',
    purpose: { vi: 'chạy API', en: 'runs the API' },
    load: async () => (await import('./serve.ts')).serve,
  },
  worker: {
    usage: 'worker',
    purpose: { vi: 'chạy bộ chuyển văn bản', en: 'runs a worker that sends deliveries' },
    load: async () => (await import('./worker.ts')).worker,
  },
  migrate: {
    usage: 'migrate',
    purpose: { vi: 'nâng cấp cơ sở dữ liệu và hàng đợi', en: 'brings database and queue up to date' },
    load: async () => (await import('./migrate.ts')).migrate,
  },
  doctor: {
    usage: 'doctor [--adopt-store]',
    purpose: {
      vi: 'kiểm tra máy chủ này chạy được trục không',
      en: 'checks whether this machine can run it',
    },
    load: async () => (await import('../cli/doctor.ts')).doctor,
  },
  'agency list': {
    usage:
      'agency list [--text T] [--tier T] [--parent CODE] [--on DAY] [--open] [--after CODE] [--limit N] [--json]',
    purpose: { vi: 'liệt kê cơ quan', en: 'lists agencies' },
    load: async () => (await import('../cli/agency.ts')).agencyList,
  },
  'agency show': {
    usage: 'agency show CODE [--on DAY]',
    purpose: { vi: 'xem một cơ quan', en: 'shows an agency' },
    load: async () => (await import('../cli/agency.ts')).agencyShow,
  },
  'directory seed': {
    usage: 'directory seed FILE | --level-1 [--reason T]',
    purpose: {
      vi: 'nạp danh bạ còn trống từ tệp dữ kiện hoặc mã cấp 1',
      en: 'fills an empty directory from a file of facts, or with the level-1 codes',
    },
    load: async () => (await import('../cli/directory-seed.ts')).directorySeed,
  },
  'directory generate': {
    usage: 'directory generate [--agencies N] [--seed N] [--out FILE]',
    purpose: {
      vi: 'sinh dữ kiện của một danh bạ đầy đủ để thử nghiệm',
      en: 'makes up the facts of a full directory, for trials',
    },
    load: async () => (await import('../cli/directory-seed.ts')).directoryGenerate,
  },
  'agency-key add': {
    usage:
      'agency-key add CODE (--p12 FILE --passphrase-file F | --token URI [--passphrase-file F] [--chain PEM]) [--image PNG --width-mm N] [--name-differs]',
    purpose: { vi: 'ghi nhận khóa con dấu của cơ quan', en: "keeps an agency's seal key" },
    load: async () => (await import('../cli/agency-key.ts')).agencyKeyAdd,
  },
  'agency-key list': {
    usage: 'agency-key list [--agency CODE] [--all]',
    purpose: { vi: 'liệt kê khóa con dấu của cơ quan', en: "lists agencies' seal keys" },
    load: async () => (await import('../cli/agency-key.ts')).agencyKeyList,
  },
  'agency-key revoke': {
    usage: 'agency-key revoke ID',
    purpose: { vi: 'thu hồi khóa con dấu', en: 'takes a seal key out of use for good' },
    load: async () => (await import('../cli/agency-key.ts')).agencyKeyRevoke,
  },
  'key import': {
    usage: 'key import FILE.p12 --out NEW.p12 --passphrase-file F [--new-passphrase-file F]',
    purpose: {
      vi: 'mã hóa lại tệp PKCS#12 cũ theo chuẩn hiện nay',
      en: "writes an old PKCS#12 file anew, encrypted as today's programs do",
    },
    load: async () => (await import('../cli/key-import.ts')).keyImport,
  },
  'client add': {
    usage: 'client add ID --role agency|admin|auditor --name N [--agency CODE] [--no-secret]',
    purpose: { vi: 'thêm hệ thống kết nối, in bí mật một lần', en: 'adds a client, prints its secret once' },
    load: async () => (await import('../cli/client.ts')).clientAdd,
  },
  'client list': {
    usage: 'client list [--agency CODE] [--after ID] [--limit N]',
    purpose: { vi: 'liệt kê hệ thống kết nối', en: 'lists clients' },
    load: async () => (await import('../cli/client.ts')).clientList,
  },
  'client revoke': {
    usage: 'client revoke ID',
    purpose: { vi: 'thu hồi quyền của hệ thống', en: 'revokes a client for good' },
    load: async () => (await import('../cli/client.ts')).clientRevoke,
  },
  'document show': {
    usage: 'document show ID',
    purpose: { vi: 'xem mọi ghi nhận về một văn bản', en: 'shows what is on record of a document' },
    load: async () => (await import('../cli/document-show.ts')).documentShow,
  },
  'document verify': {
    usage: 'document verify ID [--time T] [--trust DIR]',
    purpose: {
      vi: 'kiểm tra lại chữ ký của một văn bản đã lưu, không hỏi bên ngoài',
      en: 'verifies the signatures of a stored document again, offline',
    },
    load: async () => (await import('../cli/document-verify.ts')).documentVerify,
  },
  'verify-store': {
    usage: 'verify-store [--rate MB] [--json]',
    purpose: {
      vi: 'đọc lại toàn bộ kho, nêu tên phần bị hỏng',
      en: 'reads every stored blob and names what is damaged',
    },
    load: async () => (await import('../cli/verify-store.ts')).verifyStoreCommand,
  },
  'seal renew': {
    usage: 'seal renew [--older-than DAYS] [--document ID] [--limit N]',
    purpose: {
      vi: 'thêm dấu thời gian lưu trữ cho niêm phong của trục',
      en: "adds archive timestamps to the gateway's seals",
    },
    load: async () => (await import('../cli/seal-renew.ts')).sealRenew,
  },
  'route explain': {
    usage:
      'route explain --from CODE --to CODE|GROUP [--type T] [--urgency 0-4] [--bytes N] [--at TIME] [--directory-revision N] [--routing-revision N] [--limit N] [--json] | route explain --delivery ID [--json]',
    purpose: {
      vi: 'giải thích văn bản sẽ đi đâu, vì sao',
      en: 'explains where a document would go, and why',
    },
    load: async () => (await import('../cli/route-explain.ts')).routeExplain,
  },
  ...AXIS_COMMANDS,
  ...BACKUP_COMMANDS,
  ...DRAFT_COMMANDS,
  ...SHEET_COMMANDS,
  'agency limits': {
    usage:
      'agency limits CODE [--rate N] [--concurrent N] [--packet-bytes N] [--stored-bytes N] [--share N] (N or default)',
    purpose: { vi: 'xem, đặt hạn mức riêng của một cơ quan', en: 'shows and sets the limits of one agency' },
    load: async () => (await import('../cli/agency-limits.ts')).agencyLimits,
  },
  'delivery list': {
    usage:
      'delivery list [--state S] [--tier T] [--recipient CODE] [--sender CODE] [--document ID] [--limit N] [--by-cause] [--json]',
    purpose: {
      vi: 'liệt kê lượt chuyển, hoặc gộp theo nguyên nhân lỗi',
      en: 'lists deliveries, or failures by cause',
    },
    load: async () => (await import('../cli/delivery.ts')).deliveryList,
  },
  'delivery retry': {
    usage: 'delivery retry ID | --cause CODE [--channel C] [--recipient CODE] [--document ID]',
    purpose: {
      vi: 'cho chuyển lại một lượt, hoặc mọi lượt hỏng vì một nguyên nhân',
      en: 'lets a failed delivery begin anew, or all that failed for one cause',
    },
    load: async () => (await import('../cli/delivery.ts')).deliveryRetry,
  },
  'delivery cancel': {
    usage: 'delivery cancel ID --reason TEXT',
    purpose: { vi: 'hủy lượt chuyển chưa giao', en: 'withdraws a delivery that was not handed over' },
    load: async () => (await import('../cli/delivery.ts')).deliveryCancel,
  },
  verify: {
    usage:
      'verify FILE [--detached NAME=FILE]… [--key CERT] [--trust DIR] [--time T] [--json] | verify --batch',
    purpose: { vi: 'kiểm tra mọi chữ ký số của một tệp', en: 'verifies every signature of a file' },
    load: async () => (await import('../cli/verify.ts')).verify,
  },
  canonicalize: {
    usage:
      'canonicalize FILE --alg A [--element-index N] [--prefixes "P …"] [--xpath FILE] [--reference N] [--json] | canonicalize --batch',
    purpose: { vi: 'viết XML ở dạng chuẩn tắc', en: 'writes XML in canonical form' },
    load: async () => (await import('../cli/canonicalize.ts')).canonicalize,
  },
  chain: {
    usage:
      'chain --anchor FILE… --leaf FILE [--untrusted FILE]… [--crl FILE]… [--ocsp FILE]… [--time T] [--policy OID]… [--require-explicit-policy] [--inhibit-policy-mapping] [--inhibit-any-policy] [--eku OID]… [--max-intermediates N] [--plain-anchor] [--refuse-anchor-as-leaf] [--strong] [--strict] | chain --batch',
    purpose: {
      vi: 'kiểm tra chuỗi chứng thư X.509, CRL và OCSP',
      en: 'validates an X.509 path, with CRLs and OCSP responses',
    },
    load: async () => (await import('../cli/chain.ts')).chainCommand,
  },
  'trust list': {
    usage: 'trust list [--trust DIR] [--json]',
    purpose: {
      vi: 'cho biết tin cậy gốc nào, vào việc gì, đến khi nào',
      en: 'shows what is trusted, for what, and until when',
    },
    load: async () => (await import('../cli/trust.ts')).trustList,
  },
  tsverify: {
    usage: 'tsverify TOKEN [--data FILE] [--json] | tsverify --batch',
    purpose: { vi: 'kiểm tra dấu thời gian RFC 3161', en: 'verifies an RFC 3161 timestamp token' },
    load: async () => (await import('../cli/tsverify.ts')).tsverify,
  },
  'edxml validate': {
    usage: 'edxml validate FILE… [--json]',
    purpose: { vi: 'kiểm tra gói tin edXML', en: 'checks edXML packets' },
    load: async () => {
      const { edxmlValidate } = await import('../cli/edxml-validate.ts')
      return (args) => {
        const { values, positionals } = parseArgs({
          args,
          allowPositionals: true,
          options: { json: { type: 'boolean', default: false } },
        })
        if (positionals.length === 0) throw new UsageError('no file is named')
        return edxmlValidate(positionals, values, (line) => console.log(line))
      }
    },
  },
}

/** `tram <command> …`. @returns the exit code: 2 for a command or an option that does not exist */
export async function main(argv: string[]): Promise<number> {
  // `tram … | head` closes our output: that is the reader's wish and no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
  const name = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((words) => Object.hasOwn(COMMANDS, words))
  const command = name === undefined ? undefined : COMMANDS[name]
  if (name === undefined || command === undefined) {
    const asked = argv[0] === 'help' || argv[0] === '--help'
    console[asked ? 'log' : 'error'](usage())
    return asked ? 0 : 2
  }
  try {
    const run = await command.load()
    return await run(argv.slice(name.split(' ').length))
  } catch (error) {
    if (error instanceof ConfigError || error instanceof SetupError) {
      console.error(error.message)
      return 1
    }
    if (isFileError(error)) {
      const where = error.path === undefined ? '' : `${error.path}: `
      console.error(`${where}không đọc, ghi được / cannot be read or written (${error.code})`)
      return 2
    }
    if (!isUsageError(error)) throw error
    console.error(`${error.message}\n\n  tram ${command.usage}`)
    return 2
  }
}

/** A file or a folder that was named and is not there, or is not ours to use. */
const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  'syscall' in error &&
  'code' in error &&
  ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EPERM', 'ELOOP', 'ENAMETOOLONG'].includes(String(error.code))

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))

function usage(): string {
  const lines = Object.values(COMMANDS).flatMap(({ usage, purpose }) => [
    `  tram ${usage}`,
    `      ${purpose.vi} / ${purpose.en}`,
  ])
  return ['Cách dùng / usage: tram <command>', '', ...lines].join('\n')
}
