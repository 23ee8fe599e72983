import { randomName } from '../random-name.ts'
import { createLink, type Link, type Tracks } from './link.ts'
import { type Candidates, type Description, fitting, type SignalKind, type Word } from './payloads.ts'
import { createRecovery } from './recovery.ts'

export interface PeerDeps {
  /** Of two who offer at once, the polite one gives way. */
  polite: boolean
  createConnection(): RTCPeerConnection
  send(kind: SignalKind, payload: object): void
  tracks(): Tracks
  /** The state or the stream has changed. */
  onChange(): void
}

/** The connection to one other person, through all its restarts. */
export interface Peer {
  readonly state: RTCPeerConnectionState
  /** Null while nothing is received. */
  readonly stream: MediaStream | null
  /** Offers to connect. */
  start(): void
  /** Never throws, whatever it is told. */
  receive(word: Word): void
  setTracks(tracks: Tracks): void
  /** Whether this is about the connection as it is, not about one that was replaced. */
  concerns(word: Word): boolean
  close(options?: { bye: boolean }): void
}

/**
 * Perfect negotiation, with three additions. A connection has a `session`: who begins anew (a page was reloaded, a
 * connection lost for good) is answered with a new connection. A first offer that gives way takes its whole connection
 * with it, as its transceivers would stay beside the offered ones. And of several windows of one person, all of which
 * hear every word, the one that called last has the call.
 */
export function createPeer({ polite, createConnection, send, tracks, onChange }: PeerDeps): Peer {
  const origin = randomName()
  let opened = 1
  let session = `${origin}-${opened}`
  /** Another window of ours has taken over. */
  let aside = false
  let remote: string | null = null
  let closed = false
  let steps = Promise.resolve()
  const recovery = createRecovery((attempt) => take(() => retry(attempt)))
  let link = open()

  function open(): Link {
    const created: Link = createLink({
      connection: createConnection(),
      tracks: tracks(),
      sendCandidates: (candidates) => say('ice', { candidates }),
      onChange: () => {
        if (created !== link) return
        recovery.see(created.state)
        onChange()
      },
    })
    return created
  }

  function reopen(): void {
    link.close()
    link = open()
    onChange()
  }

  function beginAnew(): void {
    opened += 1
    session = `${origin}-${opened}`
    remote = null
    aside = false
    reopen()
  }

  function say(kind: SignalKind, content: object = {}): void {
    send(kind, { session, to: remote, ...content })
  }

  /** One step at a time, so that each sees the state the one before it left. A failed one is left to the recovery. */
  function take(step: () => Promise<void>): void {
    steps = steps.then(() => (closed ? undefined : step())).catch(() => {})
  }

  async function offer(restart = false): Promise<void> {
    const sdp = await link.offer(restart)
    if (!closed) say('offer', { sdp: fitting(sdp) })
  }

  async function retry(attempt: number): Promise<void> {
    if (attempt % 2 === 1 && link.offering) return offer()
    if (attempt === 1 && link.described && link.state !== 'closed') return offer(true)
    beginAnew()
    return offer()
  }

  /** Both have described themselves: from here on it has its time to connect. */
  function settle(): void {
    recovery.stop()
    recovery.see(link.state)
  }

  /** The other answers a later window of ours: two would take the call from each other for ever. */
  function stepAside(): void {
    aside = true
    recovery.stop()
    link.close()
    onChange()
  }

  async function receiveOffer({ session: from, to, sdp }: Description): Promise<void> {
    const broken = link.state === 'closed'
    if (to !== session && (to !== null || aside)) return
    if (broken || (remote !== null && from !== remote)) {
      beginAnew()
      recovery.reset()
    }
    // It was an offer to what has broken: only a first one can be answered by another connection.
    if (broken && to !== null) return offer()
    remote = from
    if (link.offering) {
      // Perhaps ours came too early to be heard.
      if (!polite) return recovery.soon()
      if (!link.described) reopen()
    }
    const answer = await link.answer(sdp)
    if (closed) return
    say('answer', { sdp: fitting(answer) })
    settle()
  }

  async function receiveAnswer({ session: from, to, sdp }: Description): Promise<void> {
    if (to !== null && !to.startsWith(origin)) return stepAside()
    if (to !== session) return
    if (aside) {
      // It is we who called last.
      beginAnew()
      return offer()
    }
    if (!link.offering) return
    remote = from
    await link.accept(sdp)
    if (!closed) settle()
  }

  async function receiveCandidates(word: Candidates): Promise<void> {
    if (concerns(word)) await link.addCandidates(word.candidates)
  }

  function concerns({ session: from, to }: Word): boolean {
    return (to === null || to === session) && (remote === null || from === remote)
  }

  recovery.see('new')
  return {
    get state() {
      return link.state
    },
    get stream() {
      return link.stream.getTracks().length > 0 ? link.stream : null
    },
    start: () => take(offer),
    receive(word) {
      if (word.kind === 'offer') take(() => receiveOffer({ ...word, kind: 'offer' }))
      else if (word.kind === 'answer') take(() => receiveAnswer({ ...word, kind: 'answer' }))
      else if (word.kind === 'ice') take(() => receiveCandidates(word))
    },
    setTracks: (changed) => link.setTracks(changed),
    concerns,
    close({ bye } = { bye: false }) {
      if (bye) say('bye')
      closed = true
      recovery.stop()
      link.close()
    },
  }
}
