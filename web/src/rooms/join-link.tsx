import { useRef, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import type { MessageKey } from '../i18n/i18n.ts'

/** The link to a meeting, to be copied. */
export function JoinLink({ url, name }: { url: string; name: string }) {
  const { t } = useApp()
  const input = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState<MessageKey | null>(null)

  async function copy() {
    input.current?.select()
    try {
      await navigator.clipboard.writeText(url)
      setSaid('rooms.copied')
    } catch {
      // Refused, or absent where the page came without TLS.
      setSaid('rooms.copyByHand')
    }
  }

  return (
    <div class="join-link">
      <input ref={input} type="url" readOnly value={url} aria-label={t('rooms.link', { name })} />
      <button type="button" class="button quiet" onClick={copy}>
        {t('rooms.copy')}
      </button>
      <p class="muted" role="status">
        {said && t(said)}
      </p>
    </div>
  )
}
