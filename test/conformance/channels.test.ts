import t from 'tap'
import { createChannels } from '../../src/delivery/channels/index.ts'
import { ENDPOINT_CHANNEL_IDS } from '../../src/domain/channel-id.ts'
import { FakeAgency } from '../fakes/fake-agency.ts'
import { pushKey } from '../fakes/push-key.ts'
import { conformsAsChannel } from './channel-suite.ts'

const { signingKeyPem, publicKey } = pushKey()
const channels = createChannels({
  signingKeyPem,
  permittedNetworks: ['127.0.0.0/8', '::1/128'],
  allowHttp: true,
  timeoutMs: 1_500,
})

// The others await their connectors.
for (const id of ENDPOINT_CHANNEL_IDS) {
  t.test(`the ${id} channel keeps what channels promise`, async (t) => {
    await conformsAsChannel(t, channels[id], await FakeAgency.start(t, { publicKey }))
  })
}
