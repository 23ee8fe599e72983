import '../styles/join.css'
import { useRoute } from 'preact-iso'
import { useApp } from '../app-context.ts'
import { Meeting } from '../meeting/meeting.tsx'
import { Page } from '../ui/page.tsx'
import { Door } from './join/door.tsx'
import { Over } from './join/over.tsx'
import { useInvitation } from './join/use-invitation.ts'
import { useVisit, type VisitProps } from './join/use-visit.ts'

/** One meeting for whoever has its link: the door, the meeting, and what happened. */
export function Join() {
  const { t, session } = useApp()
  const code = useRoute().params.code ?? ''
  const [invitation, dropInvitation] = useInvitation()
  const user = session.user.value
  if (user === undefined) return <Page title={t('join.title')}>{t('app.loading')}</Page>
  return <Visit key={code} {...{ code, user, invitation, dropInvitation }} />
}

function Visit(props: VisitProps) {
  const { stage, choices, setChoices, join, over, again } = useVisit(props)
  if (stage.at === 'meeting') return <Meeting entry={stage.entry} onOver={over} />
  if (stage.at === 'over') return <Over outcome={stage.outcome} onAgain={again} />
  return (
    <Door
      user={props.user}
      invited={props.invitation !== null}
      choices={choices}
      onChoices={setChoices}
      onJoin={join}
    />
  )
}
