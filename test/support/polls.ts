import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { createPollsRepository, type NewPoll } from '../../repositories/polls.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { createVotesRepository } from '../../repositories/votes.ts'
import { openTestDatabase } from './meetings.ts'

export const OPTIONS = ['a', 'b', 'c'].map((id) => ({ id, text: `Option ${id}` }))

/** A migrated database with a room, and a way to ask it something. */
export async function openPollDatabase(t: Test, databaseUrl: string | null) {
  const database = await openTestDatabase(t, databaseUrl)
  const { db, addUser } = database
  const polls = createPollsRepository(db)
  const votes = createVotesRepository(db)
  const rooms = createRoomsRepository(db)
  const { userId } = await addUser()

  async function addRoom(): Promise<string> {
    const id = randomUUID()
    const code = id.replaceAll('-', '').slice(0, 26)
    const about = { name: 'Room', host_user_id: userId, status: 'active', created_at: new Date() }
    await rooms.insert({ id, room_code: code, ...about })
    return id
  }
  const roomId = await addRoom()

  const addPoll = (given: Partial<NewPoll> = {}) =>
    polls.insert({
      id: randomUUID(),
      room_id: roomId,
      question: 'Which?',
      language: 'en',
      options: OPTIONS,
      multiple: false,
      anonymous: false,
      changeable: true,
      results: 'live',
      created_by: null,
      created_at: new Date(),
      ...given,
    })

  return {
    ...{ ...database, polls, votes, rooms, roomId, hostId: userId, addRoom, addPoll },
    /** What is counted of a poll, as `{voters, a, b, c}`. */
    async tally(pollId: string): Promise<Record<string, number>> {
      const found = (await votes.resultsOf([pollId])).get(pollId)
      return { voters: found?.voters ?? -1, ...Object.fromEntries(found?.counts ?? []) }
    },
  }
}
