/**
 * What a seal holds (ETSI EN 319 132-1 §6): the signature, a timestamp over it, what proves its certificates, a
 * timestamp over all of that.
 */
export type SealLevel = 'B-B' | 'B-T' | 'B-LT' | 'B-LTA'

/** What the worker adds by itself; archive timestamps are added by command. */
export type WantedLevel = 'B-T' | 'B-LT'
