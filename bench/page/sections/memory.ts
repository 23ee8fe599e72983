import type { Spread } from '../../stand.ts'
import { bars } from '../bars.ts'
import { lines } from '../lines.ts'
import { type Result, ratios, type Section, scaled } from '../section.ts'
import { SOCKET_SIDES } from './socket-sides.ts'

interface IdleResult extends Result {
  readonly sides: Readonly<Record<string, { sockets: number; bytes_per_socket: Spread }>>
  readonly fluentmeet_to: Readonly<Record<string, Spread>>
}

interface LeakResult extends Result {
  readonly heap_bytes: readonly number[]
  readonly rss_bytes: readonly number[]
  readonly rooms_per_batch: number
}

const MB = 2 ** 20

export function idleSection({ sides, fluentmeet_to: to }: IdleResult): Section {
  const drawn = SOCKET_SIDES.flatMap(({ side, label }) => {
    const measured = sides[side]
    return measured ? [{ label, value: scaled(measured.bytes_per_socket, 1024), ours: side === 'fluentmeet' }] : []
  })
  const plot = { title: 'Memory of one idle socket', axis: 'kilobytes a socket (less is better)', bars: drawn }
  return {
    title: 'Idle sockets',
    text: [
      'What a socket that nobody speaks at holds in memory.',
      '',
      ...ratios([
        { what: 'memory to bare ws', ratio: to.ws, most: 1.5 },
        { what: 'memory to socket.io', ratio: to.socketio },
      ]),
    ],
    plots: [{ name: 'idle', alt: plot.title, svg: bars(plot) }],
  }
}

export function leakSection({ heap_bytes: heap, rss_bytes: rss, rooms_per_batch: rooms }: LeakResult): Section {
  const points = (values: readonly number[]) => values.map((bytes, i) => [i * rooms, bytes / MB] as const)
  const title = 'Memory after rooms that have come and gone'
  const drawn = [
    { label: 'heap', points: points(heap) },
    { label: 'resident', points: points(rss) },
  ]
  return {
    title: 'What rooms leave behind',
    text: [`Memory after each ${rooms} rooms, all ended: a line that does not rise says that nothing stays.`],
    plots: [{ name: 'leak', alt: title, svg: lines({ title, x: 'rooms so far', y: 'megabytes', lines: drawn }) }],
  }
}
