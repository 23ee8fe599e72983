import type { Participant } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { useMeeting } from './meeting-context.ts'
import { PersonActions } from './person-actions.tsx'

/** Who is in the meeting, those with a hand up first. */
export function PeopleList() {
  const { t, i18n } = useApp()
  const { model } = useMeeting()
  const { present, me } = model.people
  const collator = new Intl.Collator(i18n.locale.value)
  const people = [...present.value.values()].sort(
    (a, b) => Number(b.state.hand) - Number(a.state.hand) || collator.compare(a.display_name, b.display_name),
  )
  return (
    <section aria-labelledby="people-title">
      <h2 id="people-title">{t('meeting.peopleCount', { count: people.length })}</h2>
      <ul class="list people">
        {people.map((person) => (
          <li key={person.id} data-person={person.id}>
            <Person person={person} isSelf={person.id === me.value.id} />
            {model.isHost.value && person.id !== me.value.id && <PersonActions person={person} />}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Person({ person, isSelf }: { person: Participant; isSelf: boolean }) {
  const { t, i18n } = useApp()
  const { display_name, role, state, listening_language } = person
  const facts = [
    t(`meeting.role.${role}`),
    i18n.languageName(listening_language),
    state.hand ? t('meeting.handUp') : null,
    state.muted ? t('meeting.muted') : t('meeting.microphoneOn'),
    state.camera ? t('meeting.cameraIsOn') : null,
  ]
  return (
    <p class="person">
      <bdi>
        <strong>{display_name}</strong>
      </bdi>
      {isSelf && ` (${t('meeting.you')})`}
      <span class="muted"> · {facts.filter((fact) => fact !== null).join(' · ')}</span>
    </p>
  )
}
