#!/usr/bin/env node
try {
  // Node 22.18 and later strip types themselves; earlier ones are taught to.
  if (!process.features.typescript) await import('tsx/esm')
  await import('./tram.ts')
} catch (error) {
  // A package; a file of our own that is missing is another matter.
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^Cannot find package/.test(error.message)) throw error
  console.error('Chưa cài các gói phần mềm: hãy chạy `npm run setup` trước.')
  console.error('The packages are not installed: run `npm run setup` first.')
  process.exitCode = 1
}
