import type { Frame, Person } from './session.ts'

/** Text of others for a terminal: without what would steer it or turn its lines round. */
export const plain = (text: unknown): string =>
  String(text ?? '')
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()

const NEWS: Record<string, string> = {
  'participant.joined': 'joined.',
  'participant.left': 'left.',
  'lobby.waiting': 'would like to come in.',
  'lobby.admitted': 'may come in.',
  'lobby.rejected': 'may not come in.',
}

/** The line for a frame; null for what is not shown. */
export function lineOf(frame: Frame, me: Person | null, dim: (text: string) => string): string | null {
  const { type, participant: person } = frame
  const isMe = person?.id === me?.id
  const name = isMe ? 'You' : plain(person?.display_name)
  const note = (text: string) => dim(`* ${text}`)
  if (type === 'welcome' && person?.status === 'waiting') return note('You are in the lobby: wait to be let in.')
  if (type === 'welcome') {
    const languages = `speaking ${plain(person?.speaking_language)}, reading ${plain(person?.listening_language)}`
    return note(`You are in "${plain((frame.room as Frame).name)}" as ${plain(person?.display_name)}, ${languages}.`)
  }
  if (type === 'caption' && frame.final) {
    const source = frame.status === 'translated' ? `: ${plain(frame.source_text)}` : ', untranslated'
    const origin = frame.status === 'original' ? '' : `  ${dim(`[${plain(frame.source_language)}${source}]`)}`
    return `${plain((frame.speaker as Person).display_name)}: ${plain(frame.text)}${origin}`
  }
  const news = frame.reason === 'kicked' ? 'was removed.' : NEWS[type]
  if (news) return isMe && type.startsWith('participant') ? null : note(`${name} ${news}`)
  if (type === 'offline') return note(`Not connected: trying again in ${(Number(frame.in_ms) / 1000).toFixed(1)} s.`)
  return type === 'error' ? `! ${plain(frame.message)}` : null
}
