import { useEffect, useRef } from 'preact/hooks'

/** Speech is seldom louder than this part of what a microphone can tell. */
const LOUD = 0.3

/** How loud a stream is, as it is heard. */
export function LevelMeter({ stream, label }: { stream: MediaStream; label: string }) {
  const meter = useRef<HTMLMeterElement>(null)
  useEffect(() => {
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    context.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    let frame = requestAnimationFrame(function show() {
      analyser.getFloatTimeDomainData(samples)
      if (meter.current) meter.current.value = Math.min(levelOf(samples) / LOUD, 1)
      frame = requestAnimationFrame(show)
    })
    return () => {
      cancelAnimationFrame(frame)
      void context.close()
    }
  }, [stream])
  return <meter class="level" ref={meter} min={0} max={1} aria-label={label} />
}

/** The root mean square. */
function levelOf(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
}
