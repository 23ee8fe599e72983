import { bars } from '../bars.ts'
import type { Result, Section } from '../section.ts'

interface LatencyResult extends Result {
  readonly target_ms_p50: number
  readonly english_ms_p50: number
  readonly english_ms_p95: number
  readonly all_ms_p50: number
  readonly recordings: readonly unknown[]
}

interface PipelineResult extends Result {
  readonly targets: { readonly english_word_error_rate: number; readonly real_time_factor: number }
  readonly transcription: readonly {
    readonly language: string
    readonly engine: string
    readonly words: number
    readonly word_error_rate: number
    readonly real_time_factor: number
  }[]
}

export function latencySection(result: LatencyResult): Section {
  const plot = {
    title: 'From the end of speech to the caption, in another language, at another socket',
    axis: 'milliseconds (less is better)',
    bars: [
      { label: 'English, median', value: result.english_ms_p50, ours: true },
      { label: 'English, 95th percentile', value: result.english_ms_p95, ours: true },
      { label: 'all languages, median', value: result.all_ms_p50, ours: true },
    ],
    target: { value: result.target_ms_p50, label: `target of the median: ${result.target_ms_p50}` },
  }
  return {
    title: 'Speech to caption',
    text: [`${result.recordings.length} recordings of people, said into a socket as fast as they were spoken.`],
    plots: [{ name: 'latency', alt: plot.title, svg: bars(plot) }],
  }
}

export function pipelineSection({ targets, transcription }: PipelineResult): Section {
  const name = ({ language, engine }: (typeof transcription)[number]) => `${language}, ${engine}`
  const errors = {
    title: 'Wrong words of a hundred',
    axis: 'wrong, missing and added words in each 100 (less is better)',
    bars: transcription.map((row) => ({ label: name(row), value: row.word_error_rate * 100, ours: true })),
    target: { value: targets.english_word_error_rate * 100, label: 'target for English' },
  }
  const time = {
    title: 'Time to recognise one second of speech',
    axis: 'seconds (less is better)',
    bars: transcription.map((row) => ({ label: name(row), value: row.real_time_factor, ours: true })),
    target: { value: targets.real_time_factor, label: `target: ${targets.real_time_factor}` },
  }
  return {
    title: 'The embedded engines',
    text: ['Recordings of several speakers, recognised on this machine by the engines that need no provider.'],
    plots: [
      { name: 'pipeline-errors', alt: errors.title, svg: bars(errors) },
      { name: 'pipeline-time', alt: time.title, svg: bars(time) },
    ],
  }
}
