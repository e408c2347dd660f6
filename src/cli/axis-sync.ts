import { loadConfig } from '../config.ts'
import { type SyncRound, syncDirectory } from '../connector/sync-directory.ts'
import { openExchanges } from '../delivery/exchanges.ts'
import type { Bilingual } from '../domain/bilingual.ts'
import { readArguments } from './arguments.ts'
import { draftDependencies } from './draft-dependencies.ts'
import { say } from './draft-words.ts'
import { jsonLine } from './json-line.ts'
import { UsageError } from './usage-error.ts'
import { withDatabase } from './with-database.ts'

/** `tram axis sync CONNECTOR`: holds the directory of another exchange against ours, and submits a draft of what differs. */
export async function axisSync(args: string[]): Promise<number> {
  const { values, positionals } = readArguments(args, ['CONNECTOR'], {
    'dry-run': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  })
  const { connectors, maxPacketBytes } = loadConfig('api')
  const exchanges = openExchanges(connectors, maxPacketBytes)
  const exchange = exchanges.all.find(({ connector }) => connector.name === positionals[0])
  if (exchange === undefined) {
    const known = exchanges.all.map(({ connector }) => connector.name).join(', ')
    throw new UsageError(`TRAM_CONNECTORS names no connector ${positionals[0]}; it names: ${known || '-'}`)
  }
  let isDone = false
  try {
    const code = await withDatabase(async (pool) => {
      const { connector, client } = exchange
      const round = await syncDirectory(
        { drafts: draftDependencies(pool), connector, client, home: connectors?.home ?? [] },
        { dryRun: values['dry-run'] },
      )
      isDone = round.outcome !== 'failed'
      if (values.json) console.log(jsonLine(round))
      else tell(round)
    })
    return isDone ? code : 1
  } finally {
    await exchanges.close()
  }
}

const OUTCOMES: Record<SyncRound['outcome'], Bilingual> = {
  failed: { vi: 'Không lấy được danh bạ của trục kia', en: 'The other directory could not be had' },
  'dry-run': { vi: 'Chạy thử: không ghi bản nháp', en: 'Dry run: no draft is written' },
  nothing: { vi: 'Không có gì để đề nghị', en: 'There is nothing to propose' },
  proposed: { vi: 'Đã trình bản nháp', en: 'A draft was submitted' },
  waiting: {
    vi: 'Bản nháp trước có đúng nội dung này, vẫn chờ phê duyệt',
    en: 'An earlier draft says just this, and waits',
  },
  held: {
    vi: 'Bản nháp trước đang do quản trị viên sửa',
    en: 'An administrator is at work on the earlier draft',
  },
}

function tell({ outcome, draft, told, acts, left, remarks, failure }: SyncRound): void {
  say(OUTCOMES[outcome])
  if (failure !== null) {
    console.log(`  ${failure.kind} ${failure.code} ${failure.detail}`)
    return
  }
  console.log(jsonLine({ draft, told, acts, left, leftOut: remarks.length }))
  for (const { code, found = '', hint } of remarks) {
    console.log(`  ${code} ${found}`)
    say({ vi: `    ${hint.vi}`, en: hint.en })
  }
}
