import type { Spread } from '../../stand.ts'
import { bars } from '../bars.ts'
import { type Result, ratios, type Section, scaled } from '../section.ts'

interface Side {
  readonly first_answer_ms: Spread
  readonly resident_bytes: Spread
  readonly their_resident_bytes: Spread
}

interface StartResult extends Result {
  readonly engines: Readonly<Record<string, string>>
  readonly sides: { readonly fluentmeet: Side; readonly bare: Side }
  readonly fluentmeet_to: { readonly bare: { readonly first_answer: Spread; readonly resident: Spread } }
}

const MB = 2 ** 20

export function startSection({ engines, sides, fluentmeet_to: to }: StartResult): Section {
  const { fluentmeet, bare } = sides
  const time = { title: 'From the start to the first 200', axis: 'milliseconds (less is better)' }
  const memory = { title: 'Resident memory at rest', axis: 'megabytes (less is better)' }
  const on = Object.entries(engines).map(([stage, what]) => `${stage}: ${what}`)
  return {
    title: 'Start and footprint',
    text: [
      `\`node server.ts\` without a setting: an embedded database that is there already, no Redis, and the engines that are installed (${on.join('; ')}). ` +
        'Beside it Fastify with one route.',
      '',
      ...ratios([
        { what: 'time to the first answer, to bare Fastify', ratio: to.bare.first_answer },
        { what: 'resident memory to bare Fastify', ratio: to.bare.resident },
      ]),
    ],
    plots: [
      {
        ...{ name: 'start', alt: time.title },
        svg: bars({
          ...time,
          bars: [
            { label: 'FluentMeet', value: fluentmeet.first_answer_ms, ours: true },
            { label: 'bare Fastify', value: bare.first_answer_ms },
          ],
        }),
      },
      {
        ...{ name: 'footprint', alt: memory.title },
        svg: bars({
          ...memory,
          bars: [
            { label: 'FluentMeet', value: scaled(fluentmeet.resident_bytes, MB), ours: true },
            { label: 'its engine processes', value: scaled(fluentmeet.their_resident_bytes, MB), ours: true },
            { label: 'bare Fastify', value: scaled(bare.resident_bytes, MB) },
          ],
        }),
      },
    ],
  }
}
