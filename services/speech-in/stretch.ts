/** One stretch of speech, from when somebody begins to speak to the pause. */
export interface Stretch {
  /** Sound as it came. `speech`: all of the stretch so far, costly to ask for. */
  grow(samples: Float32Array, speech: () => Float32Array): void
  /** Nothing follows: `speech` is all of it. Resolves when its final captions are sent. Never throws. */
  settle(speech: Float32Array): Promise<void>
}
