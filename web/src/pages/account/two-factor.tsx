import { useState } from 'preact/hooks'
import type { TotpSetup, User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { RecoveryCodeList } from './recovery-code-list.tsx'
import { Section } from './section.tsx'
import { TotpConfirmation } from './totp-confirmation.tsx'
import { TotpEnd } from './totp-end.tsx'
import { TotpStart } from './totp-start.tsx'

/** One-time passwords: turned on in two steps, whose outcome are the recovery codes; turned off. */
export function TwoFactor({ user }: { user: User }) {
  const { t, session } = useApp()
  const [setup, setSetup] = useState<TotpSetup | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const stage = codes ? 'codes' : user.totp_enabled ? 'on' : setup ? 'setup' : 'off'

  function turned(on: boolean): void {
    setSetup(null)
    session.user.value = { ...user, totp_enabled: on }
  }

  return (
    <Section title={t('totp.title')} stage={stage}>
      {stage === 'off' && <TotpStart onSetup={setSetup} />}
      {stage === 'on' && <TotpEnd onOff={() => turned(false)} />}
      {stage === 'setup' && setup && (
        <TotpConfirmation
          setup={setup}
          onCancel={() => setSetup(null)}
          onCodes={(made) => {
            setCodes(made)
            turned(true)
          }}
        />
      )}
      {codes && <RecoveryCodeList codes={codes} onKept={() => setCodes(null)} />}
    </Section>
  )
}
