export { loadTrustStore } from './load-trust-store.ts'
export * from './trust-anchor.ts'
