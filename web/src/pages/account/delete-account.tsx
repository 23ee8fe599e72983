import { useState } from 'preact/hooks'
import type { User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DeletionForm } from './deletion-form.tsx'
import { Section } from './section.tsx'

/** The end of the account, behind a step that nobody takes by mistake. */
export function DeleteAccount({ user }: { user: User }) {
  const { t } = useApp()
  const [isOpen, setOpen] = useState(false)
  return (
    <Section title={t('delete.title')}>
      <p>{t('delete.lead')}</p>
      <button type="button" class="button danger" onClick={() => setOpen(true)}>
        {t('delete.open')}
      </button>
      {isOpen && (
        <Dialog title={t('delete.title')} onClose={() => setOpen(false)}>
          <DeletionForm user={user} />
        </Dialog>
      )}
    </Section>
  )
}
