import { useEffect, useState } from 'preact/hooks'

/** The token of a link from a mail. It is taken out of the address bar at once: no history keeps it, and nobody reads it over a shoulder. */
export function useHashToken(): string | null {
  const [token, setToken] = useState(takeToken)
  useEffect(() => {
    // A link that is opened where this page is already open loads nothing.
    const takeAnother = () => setToken((known) => takeToken() ?? known)
    addEventListener('hashchange', takeAnother)
    return () => removeEventListener('hashchange', takeAnother)
  }, [])
  return token
}

function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return token
}
