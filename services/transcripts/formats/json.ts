import type { Format } from '../formats.ts'

/** The whole of what is kept, as schemas/transcripts.ts says. */
export const json: Format = {
  contentType: 'application/json; charset=utf-8',
  head: ({ room, language }) => {
    const { room_code, name } = room
    return `{"room":${JSON.stringify({ room_code, name })},"language":${JSON.stringify(language)},"captions":[`
  },
  caption: (caption, index) => `${index === 0 ? '' : ','}\n${JSON.stringify(caption)}`,
  tail: '\n]}\n',
}
