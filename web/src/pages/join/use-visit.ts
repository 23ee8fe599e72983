import { useRef, useState } from 'preact/hooks'
import { createVisit, FluentMeetError, type Visit } from '../../api/client.ts'
import type { JoinRequest, User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import type { Entry, Outcome } from '../../meeting/entry.ts'
import { firstChoices } from './choices.ts'

export interface VisitProps {
  code: string
  user: User | null
  invitation: string | null
  dropInvitation(): void
}

type Stage = { at: 'door' } | { at: 'meeting'; entry: Entry } | { at: 'over'; outcome: Outcome }

/** Where somebody is with a meeting, and what they have chosen for it: that is kept for the next time. */
export function useVisit({ code, user, invitation, dropInvitation }: VisitProps) {
  const { session, api } = useApp()
  const [stage, setStage] = useState<Stage>({ at: 'door' })
  const [choices, setChoices] = useState(() => firstChoices(user, navigator.languages))
  const guest = useRef<Visit>(null)

  async function enter(body: JoinRequest): Promise<Entry> {
    guest.current ??= createVisit(api, code)
    const visit = user ? createVisit(session, code) : guest.current
    const joined = await visit.join(body)
    // A guest's is used up; a user may come back by it.
    if (!user && joined.status === 'joined') dropInvitation()
    return { visit, joined, devices: choices.devices }
  }

  return {
    stage,
    choices,
    setChoices,
    over: (outcome: Outcome) => setStage({ at: 'over', outcome }),
    again: () => setStage({ at: 'door' }),

    /** Throws FluentMeetError. */
    async join(): Promise<void> {
      const body: JoinRequest = {
        ...(user ? {} : { display_name: choices.name.trim() }),
        speaking_language: choices.speaking,
        listening_language: choices.listening,
        ...(invitation === null ? {} : { invitation }),
      }
      try {
        const entry = await enter(body).catch((error) => {
          if (user || !isTokenOver(error)) throw error
          guest.current = null
          return enter(body)
        })
        setStage({ at: 'meeting', entry })
      } catch (error) {
        if (error instanceof FluentMeetError && 'invitation' in error.fields) dropInvitation()
        throw error
      }
    },
  }
}

/** True when a token is at an end: who comes back, comes as another guest. */
function isTokenOver(error: unknown): boolean {
  return error instanceof FluentMeetError && error.status === 401
}
