import { useApp } from '../../app-context.ts'
import { Notice } from '../../ui/notice.tsx'
import { useLoaded } from '../meetings/use-loaded.ts'

/** Whether the chain holds, as far as the server has looked. */
export function ChainNotice() {
  const { t, session } = useApp()
  const { value: chain } = useLoaded('chain', () => session.call('GET /audit/chain'))
  const broken = chain?.broken_seq ?? null
  return (
    <>
      <Notice kind="bad">{broken !== null && t('audit.chain.broken', { seq: broken })}</Notice>
      <Notice>
        {chain && broken === null && t('audit.chain.good', { seq: chain.seq, checked: chain.checked_seq })}
      </Notice>
    </>
  )
}
