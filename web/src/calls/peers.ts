import { type ReadonlySignal, signal } from '@preact/signals'
import { chooseOthers, compare, type Rank } from './choice.ts'
import type { Tracks } from './link.ts'
import { createOutgoing, type Send } from './outgoing.ts'
import { readWord } from './payloads.ts'
import { createPeer, type Peer } from './peer.ts'
import { createWindow } from './window.ts'

export interface PeersDeps {
  selfId: string
  /** Hands a frame to the meeting socket; one that cannot be sent is dropped. */
  send: Send
  iceServers?: RTCIceServer[]
  createConnection?: () => RTCPeerConnection
  /** How many people a call holds, oneself among them. Default 6: each sends to all others. */
  max?: number
  /** Who is in the call when more want to be: the first by this order, in which all must agree. Default: by id. */
  rank?: Rank
}

/** Voice and picture between the people of a meeting, each connected with each. */
export interface Peers {
  /** Tells the ids of all others who are in the meeting and want a call. */
  setPeople(ids: readonly string[]): void
  /** Takes a `signal` frame. Untrusted: what is unknown, malformed or too much is ignored. */
  receive(from: string, kind: string, payload: unknown): void
  /** What to be heard and seen with from now on; nothing is negotiated anew. */
  setTracks(tracks: Tracks): void
  /** What is received, by participant id. */
  readonly streams: ReadonlySignal<ReadonlyMap<string, MediaStream>>
  /** Of everybody in the call but oneself, by participant id. */
  readonly states: ReadonlySignal<ReadonlyMap<string, RTCPeerConnectionState>>
  /** Leaves the call, and says so to everybody in it. */
  close(): void
}

type Window = ReturnType<typeof createWindow>
type Heard = Readonly<Record<'frames' | 'offers', Window>>

/** Taken from one sender. An offer may cost a new connection and two frames in return. */
const FRAMES_PER_MINUTE = 60
const OFFERS_PER_MINUTE = 10
const MAX_PEOPLE = 6

export function createPeers(deps: PeersDeps): Peers {
  const { selfId, iceServers = [], max = MAX_PEOPLE, rank = compare } = deps
  const { createConnection = () => new RTCPeerConnection({ iceServers }) } = deps
  // Some people turn WebRTC off in their browser: they are in no call.
  const able = deps.createConnection !== undefined || 'RTCPeerConnection' in globalThis
  const outgoing = createOutgoing(deps.send)
  const streams = signal<ReadonlyMap<string, MediaStream>>(new Map())
  const states = signal<ReadonlyMap<string, RTCPeerConnectionState>>(new Map())
  /** Those of the call; null: has left it, and may come back. */
  const call = new Map<string, Peer | null>()
  const heard = new Map<string, Heard>()
  let tracks: Tracks = { audio: null, video: null }
  let closed = false

  function publish(): void {
    const open = [...call].flatMap(([id, peer]) => (peer ? [{ id, peer }] : []))
    states.value = new Map(open.map(({ id, peer }) => [id, peer.state]))
    streams.value = new Map(open.flatMap(({ id, peer }) => (peer.stream ? [[id, peer.stream]] : [])))
  }

  function open(id: string): Peer {
    const peer = createPeer({
      polite: compare(selfId, id) > 0,
      createConnection,
      send: (kind, payload) => outgoing.send(id, kind, payload),
      tracks: () => tracks,
      onChange: () => publish(),
    })
    call.set(id, peer)
    return peer
  }

  function drop(id: string): void {
    call.get(id)?.close()
    outgoing.forget(id)
  }

  return {
    streams,
    states,
    setPeople(ids) {
      if (closed || !able) return
      const chosen = chooseOthers(selfId, ids, max, rank)
      for (const id of [...call.keys()].filter((id) => !chosen.includes(id))) {
        drop(id)
        call.delete(id)
        heard.delete(id)
      }
      for (const id of chosen.filter((id) => !call.has(id))) open(id).start()
      publish()
    },
    receive(from, kind, payload) {
      if (closed || !call.has(from) || !heardOf(from).frames.hit()) return
      const word = readWord(kind, payload)
      if (!word || (word.kind === 'offer' && !heardOf(from).offers.hit())) return
      const peer = call.get(from) ?? null
      if (word.kind === 'bye') {
        if (!peer?.concerns(word)) return
        drop(from)
        call.set(from, null)
      } else if (peer) peer.receive(word)
      else if (word.kind === 'offer') open(from).receive(word)
      publish()
    },
    setTracks(changed) {
      tracks = changed
      for (const peer of call.values()) peer?.setTracks(tracks)
    },
    close() {
      if (closed) return
      closed = true
      for (const peer of call.values()) peer?.close({ bye: true })
      outgoing.close()
      call.clear()
      publish()
    },
  }

  function heardOf(id: string): Heard {
    const known = heard.get(id) ?? { frames: createWindow(FRAMES_PER_MINUTE), offers: createWindow(OFFERS_PER_MINUTE) }
    heard.set(id, known)
    return known
  }
}
