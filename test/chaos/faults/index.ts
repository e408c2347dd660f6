import type { Fault } from '../fault.ts'
import { f1Kills } from './f1-kills.ts'
import { f2RedisLost } from './f2-redis-lost.ts'
import { f3PostgresDown } from './f3-postgres-down.ts'
import { f4Receivers } from './f4-receivers.ts'
import { f5TwoWorkers } from './f5-two-workers.ts'
import { f6DisksAndClocks } from './f6-disks-and-clocks.ts'
import { f7Poison } from './f7-poison.ts'
import { f8RollingRestart } from './f8-rolling-restart.ts'
import { f10Restore } from './f10-restore.ts'

/** Every kind of fault, by its id in docs/failure-modes.md. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  F1: f1Kills,
  F2: f2RedisLost,
  F3: f3PostgresDown,
  F4: f4Receivers,
  F5: f5TwoWorkers,
  F6: f6DisksAndClocks,
  F7: f7Poison,
  F8: f8RollingRestart,
  F10: f10Restore,
}
