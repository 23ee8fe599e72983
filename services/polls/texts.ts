import type { PollTexts } from '../../repositories/poll-texts.ts'
import type { RoomEvent, TransientEvent } from '../../state/room-events.ts'
import type { Payer } from '../meeting-allowance.ts'
import { baseLanguage } from '../translation.ts'
import type { PollsDeps } from './deps.ts'
import { isPollEvent, type PollEvent, type PollSource, wordsOf } from './wire.ts'

type AnyEvent = RoomEvent | TransientEvent
type Words = readonly string[] | null

/** What polls say in the languages of their readers: translated like captions, and kept. */
export function createPollTexts(
  deps: Pick<PollsDeps, 'pollTexts' | 'translation' | 'meetingAllowance' | 'state' | 'log'>,
) {
  const { pollTexts, translation, meetingAllowance, log } = deps
  /** Many ask for the same at once when they come in: one pays. */
  const making = new Map<string, Promise<Words>>()

  /** All of a poll in one language; null unless every text of it could be translated: half a poll misleads. */
  async function translate(poll: PollSource, roomId: string, target: string, payer?: Payer): Promise<Words> {
    const words = wordsOf(poll)
    const made = await Promise.all(
      words.map(async (text) => {
        const pay = async () => !payer || (await meetingAllowance.charge(payer, 'characters', text.length)).allowed
        const request = { text, source: poll.source_language, targets: [target], room: roomId }
        return (await translation.caption({ ...request, ...(payer ? { pay } : {}) }))[target]
      }),
    )
    const texts = made.flatMap((each) => (each && each.status !== 'untranslated' ? [each.text] : []))
    return texts.length === words.length ? texts : null
  }

  /** The same once for all who ask at a time; what was made is kept. Never throws. */
  function make(poll: PollSource, roomId: string, target: string, payer?: Payer): Promise<Words> {
    const key = `${poll.id} ${target}`
    const under = making.get(key)
    if (under) return under
    const work = async (): Promise<Words> => {
      const made = await translate(poll, roomId, target, payer)
      if (made)
        await pollTexts
          .save(poll.id, { [target]: made })
          .catch((err: unknown) => log.warn({ err, poll_id: poll.id }, 'the translation of a poll was not kept'))
      return made
    }
    const made = work().finally(() => making.delete(key))
    making.set(key, made)
    return made
  }

  /** Languages that some engine serves and that `texts` say nothing of. */
  const missing = (poll: PollSource, texts: PollTexts, languages: Iterable<string>): string[] =>
    [...new Set([...languages].map(baseLanguage))].filter(
      (language) => !Object.hasOwn(texts, language) && translation.serves(poll.source_language, language),
    )

  async function added(poll: PollSource, roomId: string, targets: readonly string[], payer?: Payer) {
    return Object.fromEntries(
      await Promise.all(targets.map(async (target) => [target, await make(poll, roomId, target, payer)] as const)),
    )
  }

  return {
    /**
     * The poll in each language that somebody present listens to, paid by the asker; all of them null when it cannot pay. What is known
     * costs nothing.
     */
    async forRoom(poll: PollSource, roomId: string, asker: Payer): Promise<PollTexts> {
      const known = (await pollTexts.of([poll.id])).get(poll.id) ?? {}
      const targets = missing(poll, known, await deps.state.presence.listening(roomId))
      const characters = wordsOf(poll).join('').length * targets.length
      const { allowed } = await meetingAllowance.charge(asker, 'characters', characters)
      const texts = allowed
        ? await added(poll, roomId, targets)
        : Object.fromEntries(targets.map((target) => [target, null]))
      await pollTexts.save(poll.id, texts)
      return { ...known, ...texts }
    },

    /** What is known of each poll, and its texts in one more language, for which its reader pays. Never throws for what cannot be made. */
    async forReader(polls: readonly PollSource[], roomId: string, language: string, reader: Payer) {
      const known = await pollTexts.of(polls.map(({ id }) => id))
      const target = baseLanguage(language)
      const texts = new Map<string, PollTexts>()
      // One after the other: a room with many polls does not push aside what people say.
      for (const poll of polls) {
        const found = known.get(poll.id) ?? {}
        const isLacking = !found[target] && translation.serves(poll.source_language, target)
        texts.set(poll.id, isLacking ? { ...found, [target]: await make(poll, roomId, target, reader) } : found)
      }
      return texts
    },

    of: async (pollId: string): Promise<PollTexts> => (await pollTexts.of([pollId])).get(pollId) ?? {},

    /** Which of the languages an event about a poll could have texts for and has none. Nothing for other events. */
    lacked(event: AnyEvent, languages: Iterable<string>): string[] {
      if (!isPollEvent(event)) return []
      const { poll, texts } = event as unknown as PollEvent
      return missing(poll, texts, languages)
    },

    /** The event for readers of `languages` too; the payer, where there is one, pays for what engines do. Never throws. */
    async complete<E extends AnyEvent>(event: E, roomId: string, languages: readonly string[], payer?: Payer) {
      if (!isPollEvent(event)) return event
      const { poll, texts } = event as unknown as PollEvent
      const targets = missing(poll, texts, languages)
      if (targets.length === 0) return event
      const stored = (await pollTexts.of([poll.id]).catch(() => null))?.get(poll.id) ?? {}
      const lacking = targets.filter((target) => !Object.hasOwn(stored, target))
      return { ...event, texts: { ...stored, ...texts, ...(await added(poll, roomId, lacking, payer)) } }
    },
  }
}

export type PollTextsService = ReturnType<typeof createPollTexts>
