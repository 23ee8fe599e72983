import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'

/**
 * How often the event loop is looked at, milliseconds: what it is late by more than this is delay. Each look wakes a process that has
 * nothing to do.
 */
const LOOK_MS = 50
const NS = 1e9

/**
 * What a process tells of itself, under the names that are usual for Node: dashboards know them. Read when the registry is. Close it:
 * until then the event loop is watched.
 */
export function createProcessMetrics(registry: Registry): { close(): void } {
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset()
        this.inc(read())
      },
    })

  counter('process_cpu_user_seconds_total', 'CPU time in our own code.', () => process.cpuUsage().user / 1e6)
  counter('process_cpu_system_seconds_total', 'CPU time in the system.', () => process.cpuUsage().system / 1e6)
  counter('process_cpu_seconds_total', 'CPU time in all.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  gauge('process_start_time_seconds', 'When the process began.', () => performance.timeOrigin / 1000)
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  gauge('process_open_fds', 'Open files and sockets.', openFiles)
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_heap_size_total_bytes', 'Heap.', () => process.memoryUsage().heapTotal)
  gauge('nodejs_external_memory_bytes', 'Memory outside of the heap.', () => process.memoryUsage().external)
  const build = new Gauge({
    ...{ name: 'fluentmeet_build_info', help: 'Always 1; which version runs on which Node.', registers },
    labelNames: ['version', 'node'] as const,
  })
  build.set({ version: versionOfPackage(), node: process.version }, 1)
  return watchEventLoop(gauge)
}

function watchEventLoop(gauge: (name: string, help: string, read: () => number) => Gauge): { close(): void } {
  const delay = monitorEventLoopDelay({ resolution: LOOK_MS })
  delay.enable()
  let last = { mean: 0, p50: 0, p99: 0, max: 0 }
  let busy = performance.eventLoopUtilization()
  const late = (ns: number) => (Number.isFinite(ns) ? Math.max(0, ns - LOOK_MS * 1e6) / NS : 0)

  // The first that is read takes all of them, and begins anew.
  gauge('nodejs_eventloop_lag_mean_seconds', 'Delay of the event loop since it was last asked: mean.', () => {
    const { mean, max } = delay
    last = { mean: late(mean), p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(max) }
    delay.reset()
    return last.mean
  })
  gauge('nodejs_eventloop_lag_p50_seconds', 'The median.', () => last.p50)
  gauge('nodejs_eventloop_lag_p99_seconds', 'What 99 % stay below.', () => last.p99)
  gauge('nodejs_eventloop_lag_max_seconds', 'The longest.', () => last.max)
  gauge(
    'nodejs_eventloop_utilization',
    'Part of the time that the event loop was busy since it was last asked.',
    () => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, busy)
      busy = now
      return utilization
    },
  )
  return { close: () => void delay.disable() }
}

/** Where the system does not tell: 0. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

function versionOfPackage(): string {
  const path = join(import.meta.dirname, '..', '..', 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
