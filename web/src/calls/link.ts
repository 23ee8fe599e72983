import { createCandidateBatch } from './candidates.ts'

/** What somebody is heard and seen with; null: not. */
export interface Tracks {
  readonly audio: MediaStreamTrack | null
  readonly video: MediaStreamTrack | null
}

/** Of one picture, which goes out once for everybody in the call. In bit/s. */
const MAX_VIDEO_BITRATE = 600_000

export interface LinkDeps {
  connection: RTCPeerConnection
  tracks: Tracks
  sendCandidates(candidates: RTCIceCandidateInit[]): void
  /** The state or what is received has changed. */
  onChange(): void
}

/** One RTCPeerConnection: a voice and a picture each way from the first offer on, so that tracks come without another. */
export interface Link {
  readonly state: RTCPeerConnectionState
  /** What is received; empty until the other has described itself. */
  readonly stream: MediaStream
  /** Whether an offer of ours waits for its answer. */
  readonly offering: boolean
  /** Whether the other has described itself. */
  readonly described: boolean
  /** Makes an offer, or gives the one that waits; `restart`: with new ICE credentials. Resolves to its SDP. */
  offer(restart?: boolean): Promise<string>
  /** Answers an offer; one of ours that waits is taken back. Rejects bad SDP. */
  answer(sdp: string): Promise<string>
  accept(sdp: string): Promise<void>
  addCandidates(candidates: readonly RTCIceCandidateInit[]): Promise<void>
  setTracks(tracks: Tracks): void
  close(): void
}

export function createLink({ connection, tracks, sendCandidates, onChange }: LinkDeps): Link {
  const stream = new MediaStream()
  const batch = createCandidateBatch(sendCandidates)
  let sent = tracks
  connection.onconnectionstatechange = onChange
  connection.onicecandidate = ({ candidate }) => batch.add(candidate)
  connection.ontrack = ({ track }) => {
    stream.addTrack(track)
    onChange()
  }

  async function putTracks(): Promise<void> {
    await Promise.all(
      connection.getTransceivers().map(({ sender, receiver }) => sender.replaceTrack(sent[kindOf(receiver.track)])),
    )
  }

  async function describe(): Promise<string> {
    await connection.setLocalDescription()
    return connection.localDescription?.sdp ?? ''
  }

  return {
    stream,
    get state() {
      // A connection that was closed tells nobody.
      return connection.signalingState === 'closed' ? 'closed' : connection.connectionState
    },
    get offering() {
      return connection.signalingState === 'have-local-offer'
    },
    get described() {
      return connection.remoteDescription !== null
    },
    async offer(restart = false) {
      if (connection.signalingState === 'have-local-offer') return connection.localDescription?.sdp ?? ''
      if (connection.getTransceivers().length === 0)
        for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'sendrecv' })
      await putTracks()
      if (restart) connection.restartIce()
      return describe()
    },
    async answer(sdp) {
      await connection.setRemoteDescription({ type: 'offer', sdp })
      for (const transceiver of connection.getTransceivers()) transceiver.direction = 'sendrecv'
      await putTracks()
      const own = await describe()
      await limitVideo(connection)
      return own
    },
    async accept(sdp) {
      await connection.setRemoteDescription({ type: 'answer', sdp })
      await limitVideo(connection)
    },
    async addCandidates(candidates) {
      for (const candidate of candidates) await connection.addIceCandidate(candidate)
    },
    setTracks(changed) {
      sent = changed
      // Rejects only on a closed connection, whose successor gets the tracks anew.
      void putTracks().catch(() => {})
    },
    close() {
      batch.close()
      connection.onconnectionstatechange = null
      connection.onicecandidate = null
      connection.ontrack = null
      connection.close()
    },
  }
}

function kindOf(track: MediaStreamTrack): keyof Tracks {
  return track.kind === 'audio' ? 'audio' : 'video'
}

/** Best effort: a browser that knows no limit sends what it sends. */
async function limitVideo(connection: RTCPeerConnection): Promise<void> {
  const sender = connection.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender
  if (!sender) return
  const parameters = sender.getParameters()
  for (const encoding of parameters.encodings ?? []) encoding.maxBitrate = MAX_VIDEO_BITRATE
  await sender.setParameters(parameters).catch(() => {})
}
