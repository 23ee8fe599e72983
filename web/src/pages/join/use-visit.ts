import { useRef, useState } from 'preact/hooks'
import { ApiError } from '../../api/client.ts'
import type { JoinRequest, User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import type { Entry, Outcome } from '../../meeting/entry.ts'
import { firstChoices } from './choices.ts'
import { guestJoiner, isTokenOver, userJoiner } from './joiner.ts'

export interface VisitProps {
  code: string
  user: User | null
  invitation: string | null
  dropInvitation(): void
}

type Stage = { at: 'door' } | { at: 'meeting'; entry: Entry } | { at: 'over'; outcome: Outcome }

/** Where somebody is with a meeting, and what they have chosen for it: that is kept for the next time. */
export function useVisit({ code, user, invitation, dropInvitation }: VisitProps) {
  const { session } = useApp()
  const [stage, setStage] = useState<Stage>({ at: 'door' })
  const [choices, setChoices] = useState(() => firstChoices(user, navigator.languages))
  const guest = useRef(guestJoiner(code))

  async function enter(body: JoinRequest): Promise<Entry> {
    const joiner = user ? userJoiner(session, code) : guest.current
    const joined = await joiner.join(body)
    // A guest's is used up; a user may come back by it.
    if (!user && joined.status === 'joined') dropInvitation()
    const { call, request } = joiner
    return { code, joined, call, request, rejoin: () => joiner.join({}), devices: choices.devices }
  }

  return {
    stage,
    choices,
    setChoices,
    over: (outcome: Outcome) => setStage({ at: 'over', outcome }),
    again: () => setStage({ at: 'door' }),

    /** Throws ApiError. */
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
          guest.current = guestJoiner(code)
          return enter(body)
        })
        setStage({ at: 'meeting', entry })
      } catch (error) {
        if (error instanceof ApiError && 'invitation' in error.fields) dropInvitation()
        throw error
      }
    },
  }
}
