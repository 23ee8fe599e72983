import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

interface Member {
  pid: number
  parent: number
  group: number
  name: string
}

/** The processes that live now; zombies are not among them. */
function processes(): Member[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
        const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
        const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return state === 'Z' ? [] : [{ pid: Number(entry), parent: Number(parent), group: Number(group), name }]
      } catch {
        return []
      }
    })
}

/** The process groups that children of this process lead. */
export function childGroups(): number[] {
  return processes()
    .filter(({ pid, parent, group }) => parent === process.pid && group === pid)
    .map(({ pid }) => pid)
}

/** The members of a group. */
export function membersOf(group: number): Member[] {
  return processes().filter((member) => member.group === group)
}

/** Waits until nothing of the groups is left: killed members end at once, but not in the same instant. */
export async function gone(groups: readonly number[]): Promise<void> {
  while (groups.some((group) => membersOf(group).length > 0)) await sleep(5)
}
