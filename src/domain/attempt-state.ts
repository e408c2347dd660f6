import type { Bilingual } from './bilingual.ts'

/**
 * One try of a worker to hand a delivery to its channel.
 * - superseded: the delivery moved on under it (fetched, withdrawn), or another worker had the lease when it came to be
 *   settled: what this attempt learnt changes nothing;
 * - abandoned: the worker never came back to settle it; closed by whoever took the lease next.
 */
export type AttemptState =
  | 'started'
  | 'succeeded'
  | 'retryable-failure'
  | 'permanent-failure'
  | 'superseded'
  | 'abandoned'

export const ATTEMPT_STATES: Record<
  AttemptState,
  { label: Bilingual; next: Partial<Record<AttemptState, string>> }
> = {
  started: {
    label: { vi: 'đang thực hiện', en: 'started' },
    next: {
      succeeded: 'channel succeeded',
      'retryable-failure': 'channel failed, worth another try',
      'permanent-failure': 'channel refused for good',
      superseded: 'lease lost, or the delivery had moved on',
      abandoned: 'lease ran out, taken by another worker',
    },
  },
  succeeded: { label: { vi: 'thành công', en: 'succeeded' }, next: {} },
  'retryable-failure': { label: { vi: 'lỗi, sẽ thử lại', en: 'failed, to be retried' }, next: {} },
  'permanent-failure': { label: { vi: 'lỗi không thể thử lại', en: 'failed for good' }, next: {} },
  superseded: { label: { vi: 'đã bị thay thế', en: 'superseded' }, next: {} },
  abandoned: { label: { vi: 'bị bỏ dở', en: 'abandoned' }, next: {} },
}
