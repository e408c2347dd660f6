import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

// node scripts/healthcheck.mjs <port>: exit code 0 where /readyz of this container answers 200. The certificate is for
// the name that clients use, so it is not checked here: this asks the process beside it and sends nothing.
const request = process.env.TRAM_TLS_CERTIFICATE && process.argv[2] === '8080' ? tlsRequest : plainRequest
const options = { port: process.argv[2], path: '/readyz', timeout: 4_000, rejectUnauthorized: false }

const probe = request({ host: '127.0.0.1', ...options }, (response) => {
  response.resume()
  process.exitCode = response.statusCode === 200 ? 0 : 1
})
probe.on('timeout', () => probe.destroy(new Error('no answer in time')))
probe.on('error', (error) => {
  console.error(error.message)
  process.exitCode = 1
})
probe.end()
