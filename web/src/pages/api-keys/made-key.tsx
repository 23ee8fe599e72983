import { useState } from 'preact/hooks'
import type { MadeApiKey } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import type { MessageKey } from '../../i18n/i18n.ts'
import { Notice } from '../../ui/notice.tsx'

/** A key that was just made, this once. */
export function MadeKey({ made, onKept }: { made: MadeApiKey; onKept(): void }) {
  const { t } = useApp()
  const [outcome, setOutcome] = useState<MessageKey | null>(null)

  async function copy() {
    try {
      await navigator.clipboard.writeText(made.key)
      setOutcome('keys.copied')
    } catch {
      setOutcome('keys.notCopied')
    }
  }

  return (
    <>
      <p>{t('keys.once', { name: made.name })}</p>
      <p>
        <code class="secret">{made.key}</code>
      </p>
      <Notice>{outcome && t(outcome)}</Notice>
      <p class="actions">
        <button type="button" class="button quiet" onClick={copy}>
          {t('keys.copy')}
        </button>
        <button type="button" class="button" onClick={onKept}>
          {t('keys.kept')}
        </button>
      </p>
    </>
  )
}
