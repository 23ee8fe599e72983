import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { Participant } from '../api/types.ts'
import { createMicrophone } from '../audio/microphone.ts'
import { createPlayback } from '../audio/playback.ts'
import { createPollList, type PollList } from '../polls/poll-list.ts'
import { type CaptionList, createCaptionList } from './captions.ts'
import { type Connection, createConnection } from './connection.ts'
import type { Entry, Outcome } from './entry.ts'
import type { ErrorFrame, ServerFrame, SignalFrame } from './frames.ts'
import type { Lines } from './lines.ts'
import { createPeople, type People } from './people.ts'

export interface MeetingModel {
  readonly people: People
  readonly captions: CaptionList
  readonly lines: Lines
  readonly polls: PollList
  readonly status: Connection['status']
  /** Whether something that was missed is no longer kept. */
  readonly gap: ReadonlySignal<boolean>
  /** What the server said of something that was asked of it; null when there is nothing to tell. */
  readonly trouble: ReadonlySignal<ErrorFrame | null>
  readonly isHost: ReadonlySignal<boolean>
  readonly spokenOutput: ReadonlySignal<boolean>
  /** Speaks with this track, or is muted with null. */
  speakWith(track: MediaStreamTrack | null): void
  setCamera(on: boolean): void
  setHand(up: boolean): void
  setLanguages(languages: { speaking?: string; listening?: string }): void
  setSpokenOutput(on: boolean): void
  /** Of spoken output, 0 to 1. */
  setVolume(volume: number): void
  signal(to: string, kind: SignalFrame['kind'], payload?: unknown): void
  onSignal(listener: (frame: SignalFrame) => void): void
  forgetTrouble(): void
  close(): void
}

/** A meeting as one participant sees it, without a word of how it looks. */
export function createMeetingModel(entry: Entry, onOver: (outcome: Outcome) => void): MeetingModel {
  const people = createPeople(entry.joined.participant)
  const captions = createCaptionList()
  const polls = createPollList(entry)
  const trouble = signal<ErrorFrame | null>(null)
  const spokenOutput = signal(false)
  const playback = createPlayback()
  const microphone = createMicrophone((samples) => isInside.peek() && connection.sendAudio(samples))
  const own = { muted: true, hand: false, camera: false }
  /** Languages that were chosen and that the server has not confirmed yet. */
  let chosen: { speaking?: string; listening?: string } = {}
  let isAudioRefused = false
  const signalListeners = new Set<(frame: SignalFrame) => void>()
  let isRejected = false
  let isSpeaking = false

  const connection = createConnection({
    entry,
    onFrame: take,
    onSound: (data) => spokenOutput.peek() && playback.sound(data),
    wasInside: () => people.me.peek().status === 'joined',
    onOver: (outcome) => onOver(isRejected && outcome === 'removed' ? 'rejected' : outcome),
  })
  const isInside = computed(() => people.me.value.status === 'joined' && connection.status.value === 'online')
  const stopWatching = effect(() => {
    if (isInside.value) untracked(tellAll)
  })

  /** A new socket knows nothing of what the one before was told. */
  function tellAll(): void {
    connection.send({ type: 'state.set', ...own })
    connection.send({ type: 'language.set', ...chosen, spoken_output: spokenOutput.value })
    if (isSpeaking) startAudio()
  }

  function startAudio(): void {
    isAudioRefused = false
    connection.send({ type: 'audio.start', encoding: 'pcm_s16le', sample_rate: 16_000 })
  }

  function take(frame: ServerFrame): void {
    people.take(frame)
    switch (frame.type) {
      case 'participant.updated':
        if (frame.participant.id === people.me.value.id) onOwnUpdate(frame.participant)
        return
      case 'caption':
        captions.take(frame)
        return
      case 'poll.opened':
      case 'poll.updated':
      case 'poll.closed':
        polls.take(frame)
        return
      case 'poll.deleted':
        polls.forget(frame.poll_id)
        return
      case 'speech':
        if (spokenOutput.value) playback.announce(frame)
        return
      case 'participant.left':
        captions.forgetSpeaker(frame.participant.id)
        return
      case 'lobby.rejected':
        isRejected ||= frame.participant.id === people.me.value.id
        return
      case 'signal':
        for (const listener of signalListeners) listener(frame)
        return
      case 'error':
        onError(frame)
    }
  }

  function onError(frame: ErrorFrame): void {
    if (frame.ref === 'audio.start' && frame.code === 'UNPROCESSABLE') isAudioRefused = true
    // Somebody has just left: the call finds out by itself.
    if (frame.ref !== 'signal') trouble.value = frame
  }

  /** Another window of the same person may have said otherwise: whoever speaks or films says so again. */
  function onOwnUpdate({ state, speaking_language, listening_language }: Participant): void {
    if (chosen.speaking === speaking_language) delete chosen.speaking
    if (chosen.listening === listening_language) delete chosen.listening
    if (isSpeaking && state.muted) {
      startAudio()
      setState({ muted: false })
    }
    if (own.camera && !state.camera) setState({ camera: true })
  }

  function setState(change: Partial<typeof own>): void {
    Object.assign(own, change)
    connection.send({ type: 'state.set', ...change })
  }

  return {
    people,
    captions,
    polls,
    lines: connection.lines,
    trouble,
    spokenOutput,
    status: connection.status,
    gap: connection.gap,
    isHost: computed(() => people.me.value.role === 'host' || people.me.value.role === 'co_host'),
    speakWith(track) {
      microphone.use(track).catch(() => {
        trouble.value = { type: 'error', code: 'PROVIDER_UNAVAILABLE', message: '', ref: 'audio.start' }
      })
      if (isSpeaking === (track !== null)) return
      isSpeaking = track !== null
      if (isSpeaking) startAudio()
      else connection.send({ type: 'audio.stop' })
      setState({ muted: !isSpeaking })
    },
    setCamera: (camera) => setState({ camera }),
    setHand: (hand) => setState({ hand }),
    setLanguages(languages) {
      chosen = { ...chosen, ...languages }
      connection.send({ type: 'language.set', ...languages })
      if (languages.speaking && isSpeaking && isAudioRefused) startAudio()
    },
    setSpokenOutput(on) {
      spokenOutput.value = on
      if (!on) playback.stop()
      connection.send({ type: 'language.set', spoken_output: on })
    },
    setVolume: playback.setVolume,
    signal(to, kind, payload) {
      connection.send({ type: 'signal', to, kind, ...(payload === undefined ? {} : { payload }) })
    },
    onSignal: (listener) => void signalListeners.add(listener),
    forgetTrouble() {
      trouble.value = null
    },
    close() {
      stopWatching()
      connection.close()
      microphone.close()
      playback.close()
    },
  }
}

/** Everybody but one. */
export function others(people: ReadonlyMap<string, Participant>, self: string): Participant[] {
  return [...people.values()].filter(({ id }) => id !== self)
}
