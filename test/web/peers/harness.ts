import { createPeers, type Peers } from '../../../web/src/calls/peers.ts'

export interface Frame {
  from: string
  to: string
  kind: string
  payload: unknown
}

interface Person {
  peers: Peers
  /** Every connection made for this person, oldest first. */
  connections: RTCPeerConnection[]
}

/** What a page has to try calls with: people who are in one page and hear each other through a relay, as of a server. */
export interface Harness {
  /** By id, and by id and `#2` for a second window. */
  people: Record<string, Person>
  /** All that was relayed. */
  frames: Frame[]
  /** Those whose frames are lost. */
  deaf: Set<string>
  createPeers: typeof createPeers
  join(window: string): Peers
  /** Everybody hears of everybody. */
  meet(ids: string[]): void
  /** The connection of one to another as it is now. */
  state(id: string, other: string): string | undefined
  /** Plays what one gets from another: a video element. */
  play(id: string, other: string): HTMLVideoElement
}

declare global {
  interface Window {
    harness: Harness
  }
}

const idOf = (window: string) => window.replace(/#.*/, '')

function createHarness(): Harness {
  const people: Harness['people'] = {}
  const frames: Frame[] = []
  const deaf: Harness['deaf'] = new Set()

  function relay(from: string, to: string, kind: string, payload: unknown): void {
    const frame = JSON.parse(JSON.stringify({ from, to, kind, payload })) as Frame
    frames.push(frame)
    for (const [window, { peers }] of Object.entries(people))
      if (idOf(window) === to) setTimeout(() => deaf.has(window) || peers.receive(from, kind, frame.payload))
  }

  return {
    people,
    frames,
    deaf,
    createPeers,
    join(window) {
      const id = idOf(window)
      const connections: RTCPeerConnection[] = []
      const peers = createPeers({
        selfId: id,
        send: (to, kind, payload) => relay(id, to, kind, payload),
        createConnection() {
          const connection = new RTCPeerConnection()
          connections.push(connection)
          return connection
        },
      })
      people[window] = { peers, connections }
      return peers
    },
    meet(ids) {
      for (const id of ids) people[id]?.peers.setPeople(ids.filter((other) => other !== id))
    },
    state: (id, other) => people[id]?.peers.states.value.get(other),
    play(id, other) {
      const video = document.createElement('video')
      video.muted = true
      video.autoplay = true
      video.srcObject = people[id]?.peers.streams.value.get(other) ?? null
      document.body.append(video)
      return video
    },
  }
}

window.harness = createHarness()
