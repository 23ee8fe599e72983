/** A field of parsed JSON: undefined when it is not an object or has none. */
export function field(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string | number, unknown>)[name]
    : undefined
}

/** Follows fields inwards. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce(field, value)
}

/** The value as a list; empty when it is none. */
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** The value when it is text. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The value when it is a number that can be counted with. */
export const numberOf = (value: unknown): number | undefined => (Number.isFinite(value) ? (value as number) : undefined)
