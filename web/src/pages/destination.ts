const DEFAULT = '/meetings'

/** Where to go after signing in: a path of this site, whatever the address bar asks for. */
export function destinationOf(to: string | undefined, origin: string): string {
  if (!to?.startsWith('/') || !URL.canParse(to, origin)) return DEFAULT
  const url = new URL(to, origin)
  // `/.//example.org` is of this origin, and its path would not be.
  if (url.origin !== origin || url.pathname.startsWith('//')) return DEFAULT
  return url.pathname + url.search + url.hash
}
