import { useApp } from '../../app-context.ts'
import { Section } from './section.tsx'

/** The way to the keys of machines. */
export function Machines() {
  const { t } = useApp()
  return (
    <Section title={t('keys.title')}>
      <p>{t('keys.lead')}</p>
      <p>
        <a class="button quiet" href="/account/api-keys">
          {t('keys.manage')}
        </a>
      </p>
    </Section>
  )
}
