import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { removeServiceData } from './services/index.ts'
import { type Checked, type Checker, checker } from './vendor-client/check.ts'
import { classPathOf, startJavaDriver, versionOf } from './vendor-client/java.ts'
import { circumstanceSteps } from './vendor-client/steps/circumstances.ts'
import { directorySteps } from './vendor-client/steps/directory.ts'
import { documentSteps } from './vendor-client/steps/documents.ts'
import { databaseSteps, limiterSteps, packetSteps, strangerSteps } from './vendor-client/steps/refusals.ts'
import { openWorld } from './vendor-client/world.ts'

/*
 * npm run vendor-client -- --jar FOLDER-OR-JAR [--jar …] [--java OPTION …]
 *
 * Before a release: the vendor's Java client, unmodified, against the axis door. Exit code 1 on a difference; 2 where
 * what is needed is not there.
 */
const NEEDED = `npm run vendor-client -- --jar FOLDER-OR-JAR [--jar …] [--java OPTION …]

Cần · Needed:
  - SDKVXP-2.0.1.jar (hoặc · or 2.0.0) của nhà cung cấp, và thư viện của nó · the vendor's jar and what it needs:
    gson, httpclient, httpcore, httpmime 4.5, commons-codec, commons-logging, guava
  - JDK 8 trở lên trên PATH · on the PATH: java, javac, javap, keytool
docs/how-to/vendor-client.md
`

/** As servers in Vietnam stand: their clock, and an encoding that is not UTF-8. */
const SURROUNDINGS = ['-Duser.timezone=Asia/Ho_Chi_Minh', '-Dfile.encoding=windows-1258', '-Xmx1g']

const STEPS: readonly ((checker: Checker) => Promise<void>)[] = process.env.ONLY
  ? [circumstanceSteps, limiterSteps, databaseSteps]
  : [
      directorySteps,
      documentSteps,
      strangerSteps,
      packetSteps,
      circumstanceSteps,
      limiterSteps,
      databaseSteps,
    ]

const MARKS = new Map([
  [true, 'ok'],
  [false, 'NOT OK'],
  [undefined, '-'],
])

const tell = ({ what, operation, expected, seen, good }: Checked): void =>
  console.log(
    [MARKS.get(good)?.padEnd(6), operation.padEnd(20), what.padEnd(34), expected.padEnd(11), seen].join('  '),
  )

async function check(classPath: string, options: readonly string[]): Promise<boolean> {
  const endings: (() => unknown)[] = []
  const until = { teardown: (end: () => unknown) => void endings.unshift(end) }
  const folder = await mkdtemp(join(tmpdir(), 'tram-vendor-client-'))
  try {
    const classes = join(folder, 'classes')
    await mkdir(classes)
    const world = await openWorld(until, folder)
    const driver = await startJavaDriver(classPath, classes, [...SURROUNDINGS, ...world.trust, ...options])
    until.teardown(() => driver.stop())
    console.log(`client ${driver.version}: ${classPath}\n`)
    const all = checker(driver, world, tell)
    for (const steps of STEPS) await steps(all)
    const wrong = all.lines.filter(({ good }) => good === false).length
    console.log(`\n${all.lines.length} calls, ${wrong} differ`)
    return wrong === 0
  } finally {
    for (const end of endings) await end()
    await removeServiceData(folder)
  }
}

const { values } = parseArgs({
  options: {
    jar: { type: 'string', multiple: true, default: [] },
    java: { type: 'string', multiple: true, default: [] },
  },
})
/** The class path; undefined, with the reason told, where the client is not on it. */
async function givenClient(jars: readonly string[]): Promise<string | undefined> {
  try {
    const classPath = await classPathOf(jars)
    await versionOf(classPath)
    return classPath
  } catch (error) {
    console.error(`${jars.length === 0 ? '' : `${String(error)}\n\n`}${NEEDED}`)
    return undefined
  }
}

const classPath = await givenClient(values.jar)
if (classPath === undefined) process.exitCode = 2
else process.exitCode = (await check(classPath, values.java)) ? 0 : 1
