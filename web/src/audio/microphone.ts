import workletUrl from './pcm-worklet.ts?worker&url'

/** Sound on its way from a microphone to the meeting. */
export interface Microphone {
  /** Takes what the track gives from now on; null: nothing. */
  use(track: MediaStreamTrack | null): Promise<void>
  close(): void
}

/** `onSamples` gets 16 kHz PCM, two bytes a sample, 40 ms at a time. */
export function createMicrophone(onSamples: (samples: ArrayBuffer) => void): Microphone {
  let context: AudioContext | null = null
  let ready: Promise<AudioWorkletNode> | null = null
  let source: MediaStreamAudioSourceNode | null = null
  let wanted: MediaStreamTrack | null = null

  function open(): Promise<AudioWorkletNode> {
    ready ??= (async () => {
      context = new AudioContext()
      await context.audioWorklet.addModule(workletUrl)
      const node = new AudioWorkletNode(context, 'pcm', {
        numberOfOutputs: 0,
        channelCount: 1,
        channelCountMode: 'explicit',
      })
      node.port.onmessage = ({ data }) => onSamples(data as ArrayBuffer)
      return node
    })().catch((error: unknown) => {
      // The next try begins anew.
      ready = null
      throw error
    })
    return ready
  }

  return {
    async use(track) {
      wanted = track
      source?.disconnect()
      source = null
      if (!track) return void (await context?.suspend())
      const node = await open()
      await context?.resume()
      // Another track, or none, may be wanted by now.
      if (wanted !== track || !context || source) return
      source = context.createMediaStreamSource(new MediaStream([track]))
      source.connect(node)
    },
    close() {
      wanted = null
      source?.disconnect()
      void context?.close()
      context = null
    },
  }
}
