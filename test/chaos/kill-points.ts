import { channel } from 'node:diagnostics_channel'
import { STEP_CHANNEL } from '../../src/step.ts'

// Loaded into a process of Tram before its own code. CHAOS_KILL is `step:n`: the process kills itself as it makes that
// step for the nth time, with no chance to do or say anything more.
const [step, times = '1'] = (process.env.CHAOS_KILL ?? '').split(':')
let left = Number(times)
if (step)
  channel(STEP_CHANNEL).subscribe((passed) => {
    if (passed !== step) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  })

// Nobody may be left behind, however the trial ends.
process.once('disconnect', () => process.exit(1))
process.channel?.unref()
