/** How deep an object may be nested: far deeper than what browsers negotiate, far from what a stack holds. */
const MAX_DEPTH = 32

/**
 * True for parsed JSON that may be handed on: not nested too deeply, and without the keys by which a careless receiver's objects
 * are poisoned (`__proto__`, and `constructor` with a `prototype`), as in HTTP bodies.
 */
export function isHarmless(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth >= MAX_DEPTH) return false
  if (Array.isArray(value)) return value.every((item) => isHarmless(item, depth + 1))
  return Object.entries(value).every(([key, inner]) => {
    if (key === '__proto__') return false
    if (key === 'constructor' && typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype'))
      return false
    return isHarmless(inner, depth + 1)
  })
}
