/** How many caption ids of a room are remembered. */
const REMEMBERED = 2000

export interface CaptionOwners {
  /** Takes the id for the speaker. False when it is another's: nobody writes over what somebody else said. */
  claim(captionId: string, speakerId: string): boolean
}

/** Who said which caption, for as long as a client could still be writing to it: the newest ids of a room. */
export function createCaptionOwners(): CaptionOwners {
  const owners = new Map<string, string>()
  return {
    claim(captionId, speakerId) {
      const owner = owners.get(captionId)
      if (owner !== undefined && owner !== speakerId) return false
      owners.delete(captionId)
      owners.set(captionId, speakerId)
      if (owners.size > REMEMBERED) {
        const [oldest] = owners.keys()
        if (oldest !== undefined) owners.delete(oldest)
      }
      return true
    },
  }
}
