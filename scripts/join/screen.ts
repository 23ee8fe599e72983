import type { Participant, ServerFrame } from '../../clients/typescript/src/index.ts'

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
export function lineOf(frame: ServerFrame, me: Participant | null, dim: (text: string) => string): string | null {
  const note = (text: string) => dim(`* ${text}`)
  if (frame.type === 'error') return `! ${plain(frame.message)}`
  if (frame.type === 'caption') {
    if (!frame.final) return null
    const source = frame.status === 'translated' ? `: ${plain(frame.source_text)}` : ', untranslated'
    const origin = frame.status === 'original' ? '' : `  ${dim(`[${plain(frame.source_language)}${source}]`)}`
    return `${plain(frame.speaker.display_name)}: ${plain(frame.text)}${origin}`
  }
  if (!('participant' in frame)) return null
  const { participant: person } = frame
  if (frame.type === 'welcome') {
    if (person.status === 'waiting') return note('You are in the lobby: wait to be let in.')
    const languages = `speaking ${plain(person.speaking_language)}, reading ${plain(person.listening_language)}`
    return note(`You are in "${plain(frame.room.name)}" as ${plain(person.display_name)}, ${languages}.`)
  }
  const isMe = person.id === me?.id
  const isKick = frame.type === 'participant.left' && frame.reason === 'kicked'
  const news = isKick ? 'was removed.' : NEWS[frame.type]
  if (!news || (isMe && frame.type.startsWith('participant'))) return null
  return note(`${isMe ? 'You' : plain(person.display_name)} ${news}`)
}
