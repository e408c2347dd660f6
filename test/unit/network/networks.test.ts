import t from 'tap'
import { isNetwork } from '../../../src/directory/axis-systems-check.ts'
import { inNetworks } from '../../../src/network/networks.ts'

t.test('an address lies in a network of its kind, however a socket shows it', async (t) => {
  const networks = ['10.20.0.0/16', '2001:db8:1::/48', '192.0.2.7', '2001:db8::5']
  for (const address of [
    '10.20.0.0',
    '10.20.255.255',
    '::ffff:10.20.1.2',
    '::ffff:0a14:0102',
    '2001:db8:1::1',
    '2001:DB8:1:ffff::1',
    '192.0.2.7',
    '2001:db8::5',
    '2001:db8:1::1%eth0',
  ])
    t.ok(inNetworks(networks, address), address)
  for (const address of [
    '10.21.0.0',
    '10.19.255.255',
    '::ffff:10.21.0.1',
    '::10.20.1.2',
    '2001:db8:2::1',
    '192.0.2.8',
    '2001:db8::6',
    '127.0.0.1',
    '::1',
    '',
    'localhost',
    '10.20.1.2 ',
    '10.20.1.2, 10.20.1.3',
    '0x0a140102',
  ])
    t.notOk(inNetworks(networks, address), address)
  t.notOk(inNetworks(networks, undefined), 'a connection that is gone')
  t.notOk(inNetworks([], '10.20.1.2'), 'no network holds nothing')
})

t.test('what is written as a network', async (t) => {
  for (const text of ['10.0.0.0/8', '10.1.2.3', '0.0.0.0/0', '2001:db8::/32', '::1', '::/0', '192.0.2.1/32'])
    t.ok(isNetwork(text), text)
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '2001:db8::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/104',
    '0:0:0:0:0:ffff:10.0.0.0/104',
    '::FFFF:0a00:0000/104',
    'truc.example.vn',
    ' 10.0.0.0/8',
    '-1',
  ])
    t.notOk(isNetwork(text), text)
})
