import type { Spread } from '../../stand.ts'
import { bars } from '../bars.ts'
import { type Result, ratios, type Section } from '../section.ts'

interface PathResult extends Result {
  readonly sides: Readonly<Record<string, { cpu_us_per_request: Spread; requests_per_second: Spread; p99_ms: Spread }>>
  readonly fluentmeet_to: Readonly<Record<string, { cpu: Spread; throughput: Spread }>>
}

const NAMES: Readonly<Record<string, string>> = {
  bare: 'bare Fastify',
  fluentmeet: 'FluentMeet',
  plugins: 'Fastify, usual plugins',
  express: 'Express',
  nest: 'NestJS',
}

export function pathSection({ sides, fluentmeet_to: to }: PathResult): Section {
  const all = Object.entries(sides)
  const of = (figure: 'cpu_us_per_request' | 'requests_per_second') =>
    all.map(([name, side]) => ({ label: NAMES[name] ?? name, value: side[figure], ours: name === 'fluentmeet' }))
  const cpu = { title: 'CPU of the server for one request', axis: 'microseconds a request (less is better)' }
  const rate = { title: 'Requests a second', axis: 'requests a second, 50 connections (more is better)' }
  return {
    title: 'The request path',
    text: [
      'One POST with a JSON body of 100 bytes: validated, authenticated, limited through Redis, with all headers and one log line. Bare Fastify does none of that; ' +
        'the others do the same with what is usual there.',
      '',
      ...ratios([
        { what: 'CPU to bare Fastify', ratio: to.bare?.cpu, most: 1.8 },
        { what: 'CPU to Fastify with the usual plugins', ratio: to.plugins?.cpu, most: 0.4 },
        { what: 'throughput to Express', ratio: to.express?.throughput, least: 3 },
        { what: 'throughput to NestJS', ratio: to.nest?.throughput },
      ]),
    ],
    plots: [
      { name: 'path-cpu', alt: cpu.title, svg: bars({ ...cpu, bars: of('cpu_us_per_request') }) },
      { name: 'path-rate', alt: rate.title, svg: bars({ ...rate, bars: of('requests_per_second') }) },
    ],
  }
}
