import type { Mode } from './modes.ts'

/** The way from one language to another: one mode, or several through pivot languages. */
export interface Route {
  readonly source: string
  readonly target: string
  readonly hops: readonly Mode[]
  /** `apertium` when direct, `apertium:en-es-fr` when through a pivot: each hop compounds errors, and people see it. */
  readonly engine: string
}

const MAX_HOPS = 3
// Of two ways of equal length the one through Spanish is better: it has the most complete dictionaries of all pairs.
const PREFERRED_PIVOT = 'es'

/** The shortest way, at most three hops long, between any two languages that the modes join. Keyed `en-es`. */
export function findRoutes(modes: readonly Mode[]): Map<string, Route> {
  const outgoing = Map.groupBy([...modes].sort(byPreference), (mode) => mode.source)
  const routes = new Map<string, Route>()
  for (const source of outgoing.keys()) {
    for (const hops of shortestPaths(source, outgoing)) {
      const target = hops.at(-1)?.target ?? source
      const via = [source, ...hops.map((hop) => hop.target)].join('-')
      routes.set(`${source}-${target}`, {
        source,
        target,
        hops,
        engine: hops.length === 1 ? 'apertium' : `apertium:${via}`,
      })
    }
  }
  return routes
}

/** Breadth first, so that the first way to reach a language is a shortest one. */
function shortestPaths(source: string, outgoing: ReadonlyMap<string, readonly Mode[]>): Mode[][] {
  const found: Mode[][] = []
  const reached = new Set([source])
  let frontier: Mode[][] = [[]]
  for (let depth = 0; depth < MAX_HOPS; depth++) {
    const next: Mode[][] = []
    for (const path of frontier) {
      for (const mode of outgoing.get(path.at(-1)?.target ?? source) ?? []) {
        if (reached.has(mode.target)) continue
        reached.add(mode.target)
        next.push([...path, mode])
      }
    }
    found.push(...next)
    frontier = next
  }
  return found
}

function byPreference(a: Mode, b: Mode): number {
  return rank(a.target) - rank(b.target) || (a.target < b.target ? -1 : 1)
}

const rank = (language: string): number => (language === PREFERRED_PIVOT ? 0 : 1)
