import t from 'tap'
import { foldName } from '../../services/meetings/identity.ts'
import { StateUnavailableError } from '../../state/state.ts'
import { backends } from '../support/backends.ts'
import { openMeetings } from '../support/meetings.ts'
import { createTestClock } from '../support/states.ts'

const refused = (code: string) => ({ code })
const HERE = '192.0.2.7'
const ELSEWHERE = '198.51.100.9'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { meetings, another, rooms, participants, state, addUser, guest, events } = await openMeetings(
      t,
      backend,
      createTestClock().now,
    )
    const host = await addUser({ full_name: 'Hanna' })

    async function newRoom(settings: { lock_room?: boolean } = {}) {
      const { room_code } = await meetings.create(host, { name: 'Room', settings })
      const { participant } = await meetings.join(host, room_code, {})
      return { code: room_code, id: (await rooms.findByCode(room_code))?.id ?? '', hostId: participant.id }
    }
    const enter = async (code: string, display_name = 'Guest', from: string | null = HERE) => {
      const { status, participant, guest_token } = await meetings.join(null, code, { display_name }, from)
      return { status, id: participant.id, principal: guest(guest_token) }
    }
    /** Somebody with an account, inside. */
    const member = async (code: string, role: 'participant' | 'co_host' = 'participant') => {
      const user = await addUser({ full_name: 'Ana' })
      const { participant } = await meetings.join(user, code, {}, HERE)
      if (role === 'co_host') await meetings.setRole(host, code, participant.id, role)
      return { user, id: participant.id }
    }

    await t.test('a kicked user is put out, told once, and kept out', async (t) => {
      const { code, id } = await newRoom()
      const ana = await member(code)
      await meetings.kick(host, code, ana.id)
      await meetings.kick(host, code, ana.id)
      t.match((await events(code)).at(-1), { type: 'participant.left', reason: 'kicked', participant: { id: ana.id } })
      t.equal((await events(code)).filter(({ type }) => type === 'participant.left').length, 1)
      t.notOk((await state.presence.list(id)).includes(ana.id))
      await t.rejects(meetings.join(ana.user, code, {}), refused('FORBIDDEN'))
      for (const call of [meetings.get, meetings.participation, meetings.leave, meetings.listPresent])
        await t.rejects(async () => void (await call(ana.user, code)), refused('FORBIDDEN'))
      t.equal((await meetings.list(ana.user, {})).total, 0)
      await t.rejects(enter(code, ' ANA '), refused('FORBIDDEN'), 'nor as a guest of that name')
    })

    await t.test('a kicked guest loses its token, and is known again by where it comes from', async (t) => {
      const { code } = await newRoom()
      const bo = await enter(code, 'Bo  Diddley')
      await meetings.kick(host, code, bo.id)
      t.ok(await state.revocations.isRevoked(`g:${bo.id}`, bo.id))
      await t.rejects(meetings.join(bo.principal, code, {}), refused('FORBIDDEN'))
      await t.rejects(enter(code, 'bo diddley'), refused('FORBIDDEN'))
      t.equal((await enter(code, 'Somebody')).status, 'waiting', 'another name from there waits, locked or not')
      t.equal((await enter(code, 'Bo Diddley', ELSEWHERE)).status, 'joined', 'the same name from elsewhere is another')
      t.equal((await enter(code, 'Bo Diddley', null)).status, 'joined', 'nobody is blamed for an unknown address')
      t.equal((await enter((await newRoom()).code, 'Bo Diddley')).status, 'joined', 'and in another room all is open')
    })

    await t.test('where people come from is kept as a digest of the room, until it ends', async (t) => {
      const { code, id } = await newRoom()
      const bo = await enter(code)
      const other = await newRoom()
      const again = await enter(other.code)
      const digest = (await participants.find(id, bo.id))?.address_digest
      t.match(digest, /^[\w-]{43}$/)
      t.not((await participants.find(other.id, again.id))?.address_digest, digest)
      await meetings.end(host, code)
      t.equal((await participants.find(id, bo.id))?.address_digest, null)
    })

    await t.test('who waits is kicked from the door, and who left is kept out', async (t) => {
      const { code, id } = await newRoom({ lock_room: true })
      const bo = await enter(code, 'Bo')
      await meetings.kick(host, code, bo.id)
      t.same(await meetings.lobby(id), [])
      t.ok(await state.revocations.isRevoked(`g:${bo.id}`, bo.id))
      t.notOk(
        (await events(code)).some(({ type }) => type === 'participant.left'),
        'it never was inside',
      )
      await t.rejects(meetings.admit(host, code, bo.id), refused('NOT_FOUND'))
      await meetings.configure(host, code, { lock_room: false })
      const ana = await member(code)
      await meetings.leave(ana.user, code)
      await meetings.kick(host, code, ana.id)
      await t.rejects(meetings.join(ana.user, code, {}), refused('FORBIDDEN'))
    })

    await t.test('whom one may kick', async (t) => {
      const { code, hostId } = await newRoom()
      const [cleo, dora, ana] = [await member(code, 'co_host'), await member(code, 'co_host'), await member(code)]
      await t.rejects(meetings.kick(cleo.user, code, hostId), refused('FORBIDDEN'))
      await t.rejects(meetings.kick(cleo.user, code, dora.id), refused('FORBIDDEN'))
      await t.rejects(meetings.kick(cleo.user, code, cleo.id), refused('FORBIDDEN'))
      await t.rejects(meetings.kick(host, code, hostId), refused('FORBIDDEN'))
      await t.rejects(meetings.kick(ana.user, code, dora.id), refused('FORBIDDEN'))
      const elsewhere = await enter((await newRoom()).code)
      await t.rejects(meetings.kick(host, code, elsewhere.id), refused('NOT_FOUND'))
      await meetings.kick(cleo.user, code, ana.id)
      await meetings.kick(host, code, cleo.id)
      await t.rejects(meetings.configure(cleo.user, code, {}), refused('FORBIDDEN'), 'a kicked co-host rules no more')
      t.equal((await meetings.present((await rooms.findByCode(code))?.id ?? '')).length, 2)
    })

    await t.test('a kick that was cut short bans, and is finished by the next one', async (t) => {
      const { code, id } = await newRoom()
      const ana = await member(code)
      const { leave } = state.presence
      state.presence.leave = () => Promise.reject(new StateUnavailableError('gone'))
      await t.rejects(meetings.kick(host, code, ana.id), StateUnavailableError)
      state.presence.leave = leave
      await t.rejects(meetings.join(ana.user, code, {}), refused('FORBIDDEN'))
      await meetings.kick(host, code, ana.id)
      t.match((await events(code)).at(-1), { type: 'participant.left', reason: 'kicked', participant: { id: ana.id } })
      t.notOk((await state.presence.list(id)).includes(ana.id))
    })

    await t.test('of a kick and a join at once the kick stands', async (t) => {
      const { code, id } = await newRoom()
      const other = await another()
      for (let round = 0; round < 5; round += 1) {
        const ana = await member(code)
        await Promise.allSettled([
          meetings.kick(host, code, ana.id),
          ...Array.from({ length: 4 }, () => other.join(ana.user, code, {})),
        ])
        t.equal((await participants.find(id, ana.id))?.status, 'kicked')
        t.notOk((await meetings.present(id)).some((present) => present.id === ana.id))
      }
    })

    await t.test('the host makes co-hosts, and participants of them again; others make none', async (t) => {
      const { code, hostId } = await newRoom()
      const [ana, bo] = [await member(code), await enter(code)]
      t.match(await meetings.setRole(host, code, ana.id, 'co_host'), { role: 'co_host' })
      t.match((await events(code)).at(-1), {
        type: 'participant.updated',
        participant: { id: ana.id, role: 'co_host' },
      })
      const told = (await events(code)).length
      await meetings.setRole(host, code, ana.id, 'co_host')
      t.equal((await events(code)).length, told)
      await meetings.configure(ana.user, code, { max_participants: 50 })
      await t.rejects(meetings.setRole(ana.user, code, bo.id, 'co_host'), refused('FORBIDDEN'))
      await t.rejects(meetings.setRole(ana.user, code, ana.id, 'participant'), refused('FORBIDDEN'))
      await t.rejects(meetings.setRole(host, code, bo.id, 'co_host'), refused('UNPROCESSABLE'))
      await t.rejects(meetings.setRole(host, code, hostId, 'participant'), refused('UNPROCESSABLE'))
      await meetings.setRole(host, code, ana.id, 'participant')
      await t.rejects(meetings.configure(ana.user, code, {}), refused('FORBIDDEN'))
      t.match(await meetings.join(ana.user, code, {}), { participant: { role: 'participant' } })
    })

    await t.test('no role for those who are not in', async (t) => {
      const { code } = await newRoom({ lock_room: true })
      const ana = await addUser()
      const { participant } = await meetings.join(ana, code, {})
      await t.rejects(meetings.setRole(host, code, participant.id, 'co_host'), refused('CONFLICT'))
      await meetings.reject(host, code, participant.id)
      await t.rejects(meetings.setRole(host, code, participant.id, 'co_host'), refused('NOT_FOUND'))
      await meetings.kick(host, code, participant.id)
      await t.rejects(meetings.setRole(host, code, participant.id, 'co_host'), refused('NOT_FOUND'))
      await meetings.end(host, code)
      await t.rejects(meetings.setRole(host, code, participant.id, 'co_host'), refused('ROOM_ENDED'))
      await t.rejects(meetings.kick(host, code, participant.id), refused('ROOM_ENDED'))
    })
  })
}

t.test('names that look the same are the same', async (t) => {
  t.equal(foldName('  Ｂo\u00a0 DIDDLEY '), foldName('bo diddley'))
  t.not(foldName('Bo'), foldName('Bob'))
})
