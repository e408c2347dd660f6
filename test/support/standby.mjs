// Loads everything that a process of Tram is made of, says so, and becomes that process at SIGUSR2: most of the time
// that a start takes goes by beforehand.
const [, , command] = process.argv
await import(`../../src/bin/${command}.ts`)

const waiting = setInterval(() => undefined, 60_000)
process.once('SIGUSR2', () => {
  clearInterval(waiting)
  import('../../src/bin/tram.mjs')
})
console.log(JSON.stringify({ msg: 'standing by' }))
