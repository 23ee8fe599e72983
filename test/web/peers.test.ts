import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { byArrival, chooseOthers } from '../../web/src/calls/choice.ts'
import { fitting } from '../../web/src/calls/payloads.ts'
import { openBrowser, type Visitor, visit } from './browser.ts'
import { bundle, openBundle } from './bundle.ts'
import type {} from './peers/harness.ts'

const harness = bundle(join(import.meta.dirname, 'peers', 'harness.ts'))
const TEXT_FRAME_BYTES = 16 * 1024

async function open(t: Test): Promise<Pick<Visitor, 'page' | 'complaints'>> {
  const { page, complaints } = await visit(await openBrowser(t), 'http://localhost')
  await openBundle(page, await harness)
  // Whoever uses a microphone is also told of its own addresses.
  await page.evaluate(() => navigator.mediaDevices.getUserMedia({ audio: true }))
  return { page, complaints }
}

/** Waits until the two are connected, both ways. */
async function connected(page: Page, one: string, other: string): Promise<void> {
  await page.waitForFunction(
    ([a, b]) =>
      [
        [a, b],
        [b, a],
      ].every(([from = '', to = '']) => window.harness.state(from, to.replace(/#.*/, '')) === 'connected'),
    [one, other] as const,
  )
}

t.test('two people who call each other at once see and hear each other', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(async () => {
    const { harness } = window
    for (const id of ['ana', 'ben']) {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180 } })
      const [audio = null] = stream.getAudioTracks()
      const [video = null] = stream.getVideoTracks()
      harness.join(id).setTracks({ audio, video })
    }
    harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  for (const [one, other] of [
    ['ana', 'ben'],
    ['ben', 'ana'],
  ] as const) {
    const video = await page.evaluateHandle(([a, b]) => window.harness.play(a, b), [one, other] as const)
    await page.waitForFunction((video) => video.videoWidth > 0 && video.currentTime > 0, video)
    await page.waitForFunction(
      (video) => (video.srcObject as MediaStream).getTracks().every(({ muted }) => !muted),
      video,
    )
    const kinds = await video.evaluate((video) => (video.srcObject as MediaStream).getTracks().map(({ kind }) => kind))
    t.strictSame(kinds.sort(), ['audio', 'video'])
  }
  const frames = await page.evaluate(() => window.harness.frames)
  t.equal(frames.filter(({ kind }) => kind === 'offer').length, 2, 'both began')
  t.equal(frames.filter(({ kind }) => kind === 'answer').length, 1, 'and one gave way')
  for (const frame of frames) t.ok(JSON.stringify(frame).length < TEXT_FRAME_BYTES, `${frame.kind} fits in a frame`)
  t.strictSame(complaints, [])
})

t.test('tracks come, change and go without a new offer', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    window.harness.join('ana')
    window.harness.join('ben')
    window.harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  const before = await page.evaluate(() => window.harness.frames.filter(({ kind }) => kind !== 'ice').length)
  const video = await page.evaluateHandle(() => window.harness.play('ben', 'ana'))
  for (const width of [320, 160]) {
    await page.evaluate(async (width) => {
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width, height: width / 2 } })
      const [track = null] = stream.getVideoTracks()
      window.harness.people.ana?.peers.setTracks({ audio: null, video: track })
    }, width)
    await page.waitForFunction(([video, width]) => video.videoWidth === width, [video, width] as const)
  }
  await page.evaluate(() => window.harness.people.ana?.peers.setTracks({ audio: null, video: null }))
  // Nothing is sent any more.
  await page.waitForFunction(() =>
    window.harness.people.ana?.connections
      .at(-1)
      ?.getSenders()
      .every(({ track }) => track === null),
  )
  const after = await page.evaluate(() => window.harness.frames.filter(({ kind }) => kind !== 'ice').length)
  t.equal(after, before)
  t.strictSame(complaints, [])
})

t.test('six people are all connected with each other; a seventh is in no call, and all agree', async (t) => {
  const { page, complaints } = await open(t)
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  await page.evaluate((ids) => {
    for (const id of ids) window.harness.join(id)
    window.harness.meet(ids)
  }, ids)
  for (const [index, one] of ids.slice(0, 6).entries())
    for (const other of ids.slice(index + 1, 6)) await connected(page, one, other)
  const seen = await page.evaluate(
    (ids) => ids.map((id) => [...(window.harness.people[id]?.peers.states.value.keys() ?? [])].sort().join('')),
    ids,
  )
  t.strictSame(seen, ['bcdef', 'acdef', 'abdef', 'abcef', 'abcdf', 'abcde', ''])
  const frames = await page.evaluate(() => window.harness.frames)
  t.notOk(frames.some(({ from, to }) => from === 'g' || to === 'g'))
  for (const id of ids.slice(0, 6)) t.ok(frames.filter(({ from }) => from === id).length <= 60, `${id} sends little`)

  // One leaves: its place is the seventh's.
  await page.evaluate((ids) => {
    window.harness.people.a?.peers.close()
    window.harness.meet(ids.slice(1))
  }, ids)
  for (const other of ids.slice(1, 6)) await connected(page, 'g', other)
  t.strictSame(
    await page.evaluate(() => {
      const { a, b } = window.harness.people
      const closed = a?.connections.every(({ signalingState }) => signalingState === 'closed')
      return { closed, left: a?.peers.states.value.size, known: b?.peers.streams.value.has('a') }
    }),
    { closed: true, left: 0, known: false },
  )
  t.strictSame(complaints, [])
})

t.test('who leaves the call is let go of, and may come back', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    window.harness.join('ana')
    window.harness.join('ben')
    window.harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  await page.evaluate(() => window.harness.people.ben?.peers.close())
  await page.waitForFunction(() => window.harness.state('ana', 'ben') === undefined)
  t.ok(
    await page.evaluate(() =>
      window.harness.people.ana?.connections.every(({ signalingState }) => signalingState === 'closed'),
    ),
  )
  await page.evaluate(() => {
    window.harness.meet(['ana', 'ben'])
    window.harness.join('ben').setPeople(['ana'])
  })
  await connected(page, 'ana', 'ben')
  t.strictSame(complaints, [])
})

t.test('a connection that breaks without a word is made again', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    window.harness.join('ana')
    window.harness.join('ben')
    window.harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  await page.evaluate(() => window.harness.people.ben?.connections.at(-1)?.close())
  await page.waitForFunction(() => window.harness.state('ana', 'ben') !== 'connected')
  await connected(page, 'ana', 'ben')

  // A page that is loaded anew knows nothing of what was before.
  await page.evaluate(() => {
    for (const connection of window.harness.people.ana?.connections ?? []) connection.close()
    window.harness.join('ana').setPeople(['ben'])
  })
  await connected(page, 'ana', 'ben')
  t.strictSame(complaints, [])
})

t.test('a failure that both see is mended by both at once, on the same connections', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    window.harness.join('ana')
    window.harness.join('ben')
    window.harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  const before = await page.evaluate(() => {
    const { people } = window.harness
    const connections = ['ana', 'ben'].flatMap((id) => people[id]?.connections.at(-1) ?? [])
    for (const connection of connections) {
      Object.defineProperty(connection, 'connectionState', { configurable: true, value: 'failed' })
      connection.dispatchEvent(new Event('connectionstatechange'))
      Reflect.deleteProperty(connection, 'connectionState')
    }
    return connections.map(({ localDescription }) => localDescription?.sdp.match(/ice-ufrag:.*/)?.[0])
  })
  await page.waitForFunction((before) => {
    const { people } = window.harness
    const connections = ['ana', 'ben'].map((id) => people[id]?.connections.at(-1))
    return connections.every(
      (connection, index) =>
        connection?.signalingState === 'stable' &&
        connection.connectionState === 'connected' &&
        connection.localDescription?.sdp.match(/ice-ufrag:.*/)?.[0] !== before[index],
    )
  }, before)
  const counts = await page.evaluate(() =>
    Object.values(window.harness.people).map(({ connections }) =>
      connections
        .filter(({ signalingState }) => signalingState !== 'closed')
        .map((one) => one.getTransceivers().length),
    ),
  )
  t.strictSame(counts, [[2], [2]])
  t.strictSame(complaints, [])
})

t.test('of several windows of one person the last to call has the call', async (t) => {
  const { page, complaints } = await open(t)
  for (const ben of ['ben', 'aaron']) {
    await page.evaluate((ben) => {
      window.harness.join('ana')
      window.harness.join(ben)
      window.harness.meet(['ana', ben])
    }, ben)
    await connected(page, 'ana', ben)
    await page.evaluate((ben) => window.harness.join(`${ben}#2`).setPeople(['ana']), ben)
    await page.waitForFunction((ben) => window.harness.state(ben, 'ana') === 'closed', ben)
    await connected(page, 'ana', `${ben}#2`)

    // Somebody whom both call at once has one of them.
    await page.evaluate((ben) => {
      window.harness.join('cleo').setPeople([ben])
      for (const id of [ben, `${ben}#2`]) window.harness.people[id]?.peers.setPeople(['ana', 'cleo'])
    }, ben)
    await page.waitForFunction((ben) => {
      const { people, state } = window.harness
      const windows = [ben, `${ben}#2`].map((id) => state(id, 'cleo')).sort()
      return windows.join() === 'closed,connected' && people.cleo?.peers.states.value.get(ben) === 'connected'
    }, ben)
  }
  t.strictSame(complaints, [])
})

t.test('an offer that came too early is made again', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    // Ana, who does not give way, calls while Ben does not listen yet; then both have an offer out.
    window.harness.deaf.add('ben')
    window.harness.join('ana').setPeople(['ben'])
    window.harness.join('ben')
  })
  await page.waitForFunction(() => window.harness.frames.some(({ kind }) => kind === 'offer'))
  await page.evaluate(() => {
    setTimeout(() => {
      window.harness.deaf.clear()
      window.harness.people.ben?.peers.setPeople(['ana'])
    })
  })
  await connected(page, 'ana', 'ben')
  t.strictSame(complaints, [])
})

t.test('hostile payloads open nothing, break nothing and throw nothing', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    window.harness.join('ana')
    window.harness.join('ben')
    window.harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  const before = await page.evaluate(() => {
    const { harness } = window
    const ana = harness.people.ana
    const good = harness.frames.find(({ kind, from }) => kind === 'offer' && from === 'ben')?.payload as {
      session: string
      sdp: string
    }
    const known = { session: good.session, to: null }
    const before = ana?.connections.length
    const hostile: [string, unknown][] = [
      ['offer', undefined],
      ['offer', null],
      ['offer', 7],
      ['offer', 'v=0'],
      ['offer', []],
      ['offer', {}],
      ['offer', { ...known, sdp: 7 }],
      ['offer', { ...known, sdp: `v=0\r\n${'a'.repeat(1_000_000)}` }],
      ['offer', { ...known, sdp: `${good.sdp}m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n` }],
      ['offer', { ...known, sdp: `${good.sdp}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n` }],
      ['offer', { ...good, session: { toString: 'x' } }],
      ['offer', { ...good, session: 'x'.repeat(65) }],
      ['offer', { ...good, to: 'another connection' }],
      ['offer', { ...good, to: 'another-connection' }],
      ['offer', { ...known, sdp: 'v=0\r\nm=audio no\r\nm=video no\r\n' }],
      ['answer', { ...known, sdp: 'v=0\r\nm=audio no\r\nm=video no\r\n' }],
      ['answer', good],
      ['ice', { ...known, candidates: 'many' }],
      ['ice', { ...known, candidates: new Array(1000).fill({ candidate: '' }) }],
      ['ice', { ...known, candidates: [null, 7, {}] }],
      ['ice', { ...known, candidates: [{ candidate: 'candidate:no', sdpMid: '0' }] }],
      ['ice', { ...known, candidates: [{ candidate: 'x'.repeat(513), sdpMid: '0' }] }],
      ['ice', { ...known, candidates: [{ candidate: '', sdpMid: {}, sdpMLineIndex: 1e9 }] }],
      ['bye', null],
      ['bye', { session: 'of-somebody-else', to: null }],
      ['constructor', good],
      ['', {}],
    ]
    for (const [kind, payload] of hostile) {
      ana?.peers.receive('ben', kind, payload)
      ana?.peers.receive('mallory', kind, payload)
      ana?.peers.receive('__proto__', kind, payload)
    }
    ana?.peers.receive('mallory', 'offer', good)
    ana?.peers.receive('ana', 'offer', good)
    return before
  })
  // Who comes now is connected, and only that.
  await page.evaluate(() => {
    window.harness.join('cleo')
    window.harness.meet(['ana', 'ben', 'cleo'])
  })
  await connected(page, 'ana', 'cleo')
  const after = await page.evaluate(() => ({
    connections: window.harness.people.ana?.connections.length,
    people: [...(window.harness.people.ana?.peers.states.value.keys() ?? [])],
  }))
  t.strictSame(after, { connections: Number(before) + 1, people: ['ben', 'cleo'] })
  t.equal(await page.evaluate(() => window.harness.state('ana', 'ben')), 'connected')
  t.strictSame(complaints, [])
})

t.test('a flood of offers is answered a few times only, and keeps nobody else out', async (t) => {
  const { page, complaints } = await open(t)
  await page.evaluate(() => {
    window.harness.join('ana')
    window.harness.join('ben')
    window.harness.meet(['ana', 'ben'])
  })
  await connected(page, 'ana', 'ben')
  const before = await page.evaluate(() => {
    const { people, frames } = window.harness
    const offer = frames.find(({ kind, from }) => kind === 'offer' && from === 'ben')?.payload as object
    for (let index = 0; index < 1000; index++)
      people.ana?.peers.receive('ben', 'offer', { ...offer, session: `new-${index}`, to: null })
    window.harness.join('cleo')
    window.harness.meet(['ana', 'ben', 'cleo'])
    return people.ana?.connections.length
  })
  await connected(page, 'ana', 'cleo')
  const after = await page.evaluate(() => window.harness.people.ana?.connections.length)
  t.ok(Number(after) - Number(before) <= 10, `${before} connections became ${after}`)
  t.strictSame(complaints, [])
})

t.test('a browser without WebRTC is in no call', async (t) => {
  const { page, complaints } = await open(t)
  const sizes = await page.evaluate(() => {
    const join = () => {
      const peers = window.harness.createPeers({ selfId: 'ana', send() {} })
      peers.setPeople(['ben'])
      const { size } = peers.states.value
      peers.close()
      return size
    }
    const withIt = join()
    Reflect.deleteProperty(window, 'RTCPeerConnection')
    return [withIt, join()]
  })
  t.strictSame(sizes, [1, 0])
  t.strictSame(complaints, [])
})

t.test('a description with too many candidates loses the last of them', async (t) => {
  const line = `a=candidate:1 1 udp 2122260223 ${'f'.repeat(200)} 50000 typ host`
  const sdp = (candidates: number) =>
    ['v=0', 'm=audio', ...Array(candidates).fill(line), 'a=mid:0', 'm=video', 'a=mid:1', ''].join('\r\n')
  t.equal(fitting(sdp(3)), sdp(3))
  const fitted = fitting(sdp(200))
  t.ok(JSON.stringify(fitted).length <= 15_000)
  t.ok(fitted.startsWith(sdp(50).slice(0, 10_000)))
  t.match(fitted, /a=mid:0\r\nm=video\r\na=mid:1\r\n$/)
})

t.test('who came first is in the call', async (t) => {
  const people = [
    { id: 'c', joined_at: '2026-01-01T10:00:00.000Z' },
    { id: 'b', joined_at: '2026-01-01T11:00:00.000Z' },
    { id: 'a', joined_at: '2026-01-01T11:00:00.000Z' },
  ]
  const rank = byArrival(() => people)
  const ids = ['stranger', 'a', 'b', 'c']
  const chosen = (id: string, max: number) =>
    chooseOthers(
      id,
      ids.filter((other) => other !== id),
      max,
      rank,
    )
  t.strictSame(chosen('a', 2), ['c'])
  t.strictSame(chosen('c', 2), ['a'])
  t.strictSame(chosen('b', 2), [])
  t.strictSame(chosen('stranger', 3), [])
  t.strictSame(chosen('stranger', 4), ['c', 'a', 'b'])
})
