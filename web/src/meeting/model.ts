import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { Participant } from '../api/types.ts'
import { createMicrophone } from '../audio/microphone.ts'
import { createPlayback } from '../audio/playback.ts'
import { type CaptionList, createCaptionList } from './captions.ts'
import { type ConnectionStatus, createConnection } from './connection.ts'
import type { Entry, Outcome } from './entry.ts'
import type { ErrorFrame, ServerFrame, SignalFrame } from './frames.ts'
import { createLines, type Lines } from './lines.ts'
import { createPeople, type People } from './people.ts'

export interface MeetingModel {
  readonly people: People
  readonly captions: CaptionList
  readonly lines: Lines
  readonly status: ReadonlySignal<ConnectionStatus>
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
  const trouble = signal<ErrorFrame | null>(null)
  const spokenOutput = signal(false)
  const playback = createPlayback()
  const microphone = createMicrophone((samples) => connection.sendAudio(samples))
  const own = { muted: true, hand: false, camera: false }
  const signalListeners = new Set<(frame: SignalFrame) => void>()
  let isRejected = false
  let isSpeaking = false

  const connection = createConnection({
    entry,
    onFrame: take,
    onSound: playback.sound,
    onOver: (outcome) => onOver(isRejected && outcome === 'removed' ? 'rejected' : outcome),
  })
  const isInside = computed(() => people.me.value.status === 'joined' && connection.status.value === 'online')
  const lines = createLines((frame) => isInside.peek() && connection.send(frame))
  const stopWatching = effect(() => {
    if (isInside.value) untracked(tellAll)
  })

  /** A new socket knows nothing of what the one before was told. */
  function tellAll(): void {
    connection.send({ type: 'state.set', ...own })
    if (spokenOutput.value) connection.send({ type: 'language.set', spoken_output: true })
    if (isSpeaking) startAudio()
    lines.utter()
  }

  function startAudio(): void {
    connection.send({ type: 'audio.start', encoding: 'pcm_s16le', sample_rate: 16_000 })
  }

  function take(frame: ServerFrame): void {
    people.take(frame)
    switch (frame.type) {
      case 'caption':
        captions.take(frame)
        lines.heard(frame.id)
        return
      case 'speech':
        playback.announce(frame)
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
    // It is away for a moment: what was said is said again.
    if (frame.code === 'SERVICE_UNAVAILABLE') setTimeout(lines.utter, 2000)
    else if (frame.ref !== undefined) lines.heard(frame.ref)
    trouble.value = frame
  }

  function setState(change: Partial<typeof own>): void {
    Object.assign(own, change)
    connection.send({ type: 'state.set', ...change })
  }

  return {
    people,
    captions,
    lines,
    trouble,
    spokenOutput,
    status: connection.status,
    isHost: computed(() => people.me.value.role === 'host' || people.me.value.role === 'co_host'),
    speakWith(track) {
      void microphone.use(track).catch(() => undefined)
      if (isSpeaking === (track !== null)) return
      isSpeaking = track !== null
      if (isSpeaking) startAudio()
      else connection.send({ type: 'audio.stop' })
      setState({ muted: !isSpeaking })
    },
    setCamera: (camera) => setState({ camera }),
    setHand: (hand) => setState({ hand }),
    setLanguages: (languages) => void connection.send({ type: 'language.set', ...languages }),
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
