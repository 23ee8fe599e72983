import type { Spread } from '../../stand.ts'
import { lines } from '../lines.ts'
import { type Plot, type Result, ratios, type Section } from '../section.ts'
import { SOCKET_SIDES } from './socket-sides.ts'

interface RoomsResult extends Result {
  readonly rooms: readonly {
    readonly listeners: number
    readonly processes: number
    readonly sides: Readonly<Record<string, { cpu_us_per_delivery: Spread; p99_ms: Spread; cpu_to_ws: Spread }>>
  }[]
}

type Figure = 'cpu_us_per_delivery' | 'p99_ms'

export function roomsSection({ rooms }: RoomsResult): Section {
  const counts = [...new Set(rooms.map(({ processes }) => processes))]
  const of = (count: number) => rooms.filter(({ processes }) => processes === count)

  function plot(name: string, count: number, figure: Figure, title: string, y: string): Plot {
    const over = `${title}, ${count} ${count === 1 ? 'process' : 'processes'}`
    const drawn = SOCKET_SIDES.map(({ side, label }) => ({
      label,
      points: of(count).flatMap(({ listeners, sides }) => {
        const value = sides[side]?.[figure].median
        return value === undefined ? [] : [[listeners, value] as const]
      }),
    }))
    const options = { title: over, x: 'listeners in the room', y, lines: drawn, logarithmic: true }
    return { name: `${name}-${count}`, alt: over, svg: lines(options) }
  }

  return {
    title: 'Rooms',
    text: [
      'One speaks, the others listen in four languages. Beside it a bare `ws` broadcast of a frame of the same size through Redis, and socket.io with its Redis adapter. ' +
        'A line that is flat says that a listener costs the same in a room of any size.',
      '',
      ...ratios(
        rooms.map(({ listeners, processes, sides }) => ({
          what: `CPU a delivered caption to bare ws, ${listeners} listeners, ${processes} ${processes === 1 ? 'process' : 'processes'}`,
          ratio: sides.fluentmeet?.cpu_to_ws,
          most: 1.5,
        })),
      ),
    ],
    plots: counts.flatMap((count) => [
      plot('rooms-cpu', count, 'cpu_us_per_delivery', 'CPU of the servers for each caption delivered', 'microseconds'),
      plot('rooms-p99', count, 'p99_ms', 'Until the last listener has a caption, 99th percentile', 'milliseconds'),
    ]),
  }
}
