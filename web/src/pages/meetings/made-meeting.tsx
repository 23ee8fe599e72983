import type { Room } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { JoinLink } from '../../rooms/join-link.tsx'
import { Notice } from '../../ui/notice.tsx'

/** What comes next once a meeting is made: its link goes out, or one goes in. */
export function MadeMeeting({ room }: { room: Room | null }) {
  const { t } = useApp()
  return (
    <div class="made">
      <Notice kind="good">{room && t('rooms.made', { name: room.name })}</Notice>
      {room && (
        <>
          <JoinLink url={room.join_url} name={room.name} />
          <p class="actions">
            <a class="button" href={`/join/${room.room_code}`}>
              {t('rooms.joinNow')}
            </a>
            <a class="button quiet" href={`/meetings/${room.room_code}`}>
              {t('rooms.settings')}
            </a>
          </p>
        </>
      )}
    </div>
  )
}
