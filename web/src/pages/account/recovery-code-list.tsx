import { useState } from 'preact/hooks'
import { useApp } from '../../app-context.ts'
import type { MessageKey } from '../../i18n/i18n.ts'
import { Notice } from '../../ui/notice.tsx'

/** The recovery codes, this once. */
export function RecoveryCodeList({ codes, onKept }: { codes: readonly string[]; onKept(): void }) {
  const { t } = useApp()
  const [outcome, setOutcome] = useState<MessageKey | null>(null)

  async function copy() {
    try {
      await navigator.clipboard.writeText(codes.join('\n'))
      setOutcome('totp.copied')
    } catch {
      setOutcome('totp.notCopied')
    }
  }

  return (
    <>
      <h3>{t('totp.codes')}</h3>
      <p>{t('totp.codesLead')}</p>
      <ul class="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Notice>{outcome && t(outcome)}</Notice>
      <p class="actions">
        <button type="button" class="button quiet" onClick={copy}>
          {t('totp.copy')}
        </button>
        <button type="button" class="button" onClick={onKept}>
          {t('totp.kept')}
        </button>
      </p>
    </>
  )
}
