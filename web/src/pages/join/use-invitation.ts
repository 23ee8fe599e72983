import { useLayoutEffect, useState } from 'preact/hooks'

/**
 * The secret of an invitation link, and how to forget it. It stands behind the `#`, where no server is told it; from there it is taken
 * away at once, so that nobody reads or copies it from the address bar.
 */
export function useInvitation(): [string | null, () => void] {
  const [invitation, setInvitation] = useState(inAddress)
  useLayoutEffect(() => {
    function take() {
      const found = inAddress()
      if (found === null) return
      setInvitation(found)
      history.replaceState(history.state, '', location.pathname + location.search)
    }
    take()
    // The same page, opened by another link to it.
    addEventListener('hashchange', take)
    return () => removeEventListener('hashchange', take)
  }, [])
  return [invitation, () => setInvitation(null)]
}

function inAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get('invitation')
}
