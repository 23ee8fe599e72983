import type { Spread } from '../../stand.ts'
import { bars } from '../bars.ts'
import { written } from '../scale.ts'
import { type Result, ratios, type Section } from '../section.ts'

interface Times {
  readonly p50_ms: Spread
  readonly p99_ms: Spread
}

interface AttackResult extends Result {
  readonly attacks_are: Readonly<Record<string, string>>
  readonly quiet: Times
  readonly attacks: Readonly<Record<string, Times & { p99_to_quiet: Spread; attack_per_second: Spread }>>
  readonly refusals: { cpu_us_served: Spread; cpu_us_refused: Spread; refused_to_served: Spread }
}

const NAMES: Readonly<Record<string, string>> = {
  logins: '200 logins under way',
  flood: 'flood from one address',
  flood_elsewhere: 'the flood, elsewhere',
  sockets: '1,000 refused sockets',
}

export function attackSection({ attacks_are: are, quiet, attacks, refusals }: AttackResult): Section {
  const all = Object.entries(attacks)
  const others = { title: 'What the others wait, 99th percentile', axis: 'milliseconds (less is better)' }
  const cost = { title: 'CPU of the server for one request', axis: 'microseconds a request (less is better)' }
  return {
    title: 'Under attack',
    text: [
      'Others go on with what they do, at a steady pace, while somebody attacks; their 99th percentile is compared with the same without.',
      '',
      ...all.map(
        ([name, { attack_per_second: rate }]) =>
          `- ${NAMES[name] ?? name}: ${are[name] ?? ''}; ${written(rate.median)} a second were reached.`,
      ),
      '',
      ...ratios([
        ...all.map(([name, { p99_to_quiet }]) => ({
          what: `p99 under ${NAMES[name] ?? name}, to quiet`,
          ratio: p99_to_quiet,
        })),
        { what: 'CPU of a refused request (429) to the same served', ratio: refusals.refused_to_served, most: 0.99 },
      ]),
    ],
    plots: [
      {
        ...{ name: 'attack-p99', alt: others.title },
        svg: bars({
          ...others,
          bars: [
            { label: 'quiet', value: quiet.p99_ms },
            ...all.map(([name, { p99_ms }]) => ({ label: NAMES[name] ?? name, value: p99_ms, ours: true })),
          ],
        }),
      },
      {
        ...{ name: 'attack-refusals', alt: cost.title },
        svg: bars({
          ...cost,
          bars: [
            { label: 'served (200)', value: refusals.cpu_us_served },
            { label: 'refused (429)', value: refusals.cpu_us_refused, ours: true },
          ],
        }),
      },
    ],
  }
}
