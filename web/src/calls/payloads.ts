export type SignalKind = 'offer' | 'answer' | 'ice' | 'bye'

/**
 * What two peers say to each other. `session` names the sender's connection, `to` the receiver's as far as the sender
 * knows it: so what was meant for a connection that has been replaced is told from what is meant for its successor.
 */
interface Addressed {
  readonly session: string
  readonly to: string | null
}
export interface Description extends Addressed {
  readonly kind: 'offer' | 'answer'
  readonly sdp: string
}
export interface Candidates extends Addressed {
  readonly kind: 'ice'
  readonly candidates: readonly RTCIceCandidateInit[]
}
export type Word = Description | Candidates | (Addressed & { readonly kind: 'bye' })

/** A frame of the meeting socket holds 16 KiB. */
const MAX_SDP = 15_000
export const MAX_CANDIDATES = 20
const SESSION = /^[\w-]{1,64}$/

/** What somebody sent, or null when it is nothing we would have sent. Never throws. */
export function readWord(kind: string, payload: unknown): Word | null {
  if (!isObject(payload)) return null
  const { session, to, sdp, candidates } = payload
  if (!isSession(session) || !(to === null || isSession(to))) return null
  if (kind === 'bye') return { kind, session, to }
  if (kind === 'offer' || kind === 'answer') return isSdp(sdp) ? { kind, session, to, sdp } : null
  if (kind !== 'ice' || !Array.isArray(candidates) || candidates.length > MAX_CANDIDATES) return null
  const read = candidates.map(readCandidate)
  return read.every((candidate) => candidate !== null) ? { kind, session, to, candidates: read } : null
}

/** The SDP as it fits in a frame: without the last candidates when a machine with many addresses has found too many. */
export function fitting(sdp: string): string {
  let surplus = JSON.stringify(sdp).length - MAX_SDP
  const kept = sdp.split('\r\n').reduceRight<string[]>((lines, line) => {
    const dropped = surplus > 0 && line.startsWith('a=candidate:')
    // In JSON the end of a line takes four characters.
    if (dropped) surplus -= line.length + 4
    else lines.push(line)
    return lines
  }, [])
  return kept.reverse().join('\r\n')
}

/** One voice and one picture: more would open what nobody asked for, such as data channels. */
function isSdp(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > MAX_SDP || !value.startsWith('v=0')) return false
  const media = [...value.matchAll(/^m=(\w+)/gm)].map(([, name]) => name)
  return media.toSorted().join() === 'audio,video'
}

function readCandidate(value: unknown): RTCIceCandidateInit | null {
  if (!isObject(value)) return null
  const { candidate, sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = value
  if (!isText(candidate, 512)) return null
  if (sdpMid !== null && !isText(sdpMid, 16)) return null
  if (usernameFragment !== null && !isText(usernameFragment, 256)) return null
  if (sdpMLineIndex !== null && sdpMLineIndex !== 0 && sdpMLineIndex !== 1) return null
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max
}

function isSession(value: unknown): value is string {
  return typeof value === 'string' && SESSION.test(value)
}
