import t from 'tap'
import { draftCalls, isProblem, shownDraft } from '../support/draft-calls.ts'
import { testGateway } from '../support/gateway.ts'
import { addClient, serveApp, takeToken } from '../support/http-app.ts'

const gateway = await testGateway(t)
const served = await serveApp(t, gateway)
const { create, step } = draftCalls(served)
const tokenOf = async (clientId: string) =>
  takeToken(served, clientId, await addClient(served.context, clientId, 'admin'))
const an = await tokenOf('an.admin')
const directory = (...content: object[]) => ({ kind: 'directory', content })

const endpoint = (url: string | null) => ({
  act: 'correct',
  facts: [],
  instead: [
    {
      subject: 'H90',
      kind: 'endpoint',
      value: { channel: 'https-push', url, reaches: 'subtree' },
      validFrom: '2099-01-01',
      validTo: null,
    },
  ],
})

t.test('a correction says no endpoint that an act could not set', async (t) => {
  for (const url of ['https://dms.example/#part', 'https://an:secret@dms.example/', null]) {
    const draft = shownDraft(await create(an, directory(endpoint(url))))
    isProblem(t, await step(an, 'submit', draft), 'request-invalid')
  }
})

t.test('halves of characters are refused as text', async (t) => {
  const rename = (name: string) => ({ act: 'rename', code: 'H90', name, on: '2099-01-01' })
  const made = await create(an, directory(rename('Tỉnh \ud800')))
  isProblem(t, made, 'request-invalid')
  const title = await create(an, { ...directory(rename('Tỉnh')), title: 'x \udc00' })
  isProblem(t, title, 'request-invalid')
})

t.test('a member named like a part of objects is refused as JSON', async (t) => {
  const rename = { act: 'rename', code: 'H90', name: 'Tỉnh', on: '2099-01-01' }
  const text = JSON.stringify(directory(rename)).replace('"act":', '"__proto__":{"code":"H91"},"act":')
  isProblem(t, await create(an, JSON.parse(text)), 'request-malformed')
})
