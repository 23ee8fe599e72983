/** What a reader of the description should know before the calls. */
export const DESCRIPTION = `Live multilingual meetings: people join a room by link, each speaks or types in their own language, and
everybody reads it, and can hear it, in theirs.

Bodies are JSON in UTF-8, names snake_case, times RFC 3339 in UTC. Unknown fields are refused. The format
\`safe-text\` is one line without control characters and HTML tags. Every error, from any layer, has the same body
(\`Error\`): its \`code\` is for programs. Most calls are limited to so many a minute; an answer of 429 says in \`Retry-After\` when to come back.

What happens in a meeting comes over its WebSocket, described in \`/asyncapi.json\`.`

/** The sections of the description, in order. */
export const TAGS = [
  { name: 'auth', description: 'Signing up, in and out; sessions, passwords and one-time passwords' },
  { name: 'users', description: "The user's own account: profile, export, deletion" },
  { name: 'api keys', description: 'Keys for machines: made, listed, rotated and revoked by signed-in people' },
  { name: 'meetings', description: 'Rooms and the people in them: made, joined, configured, ended; what was said' },
  { name: 'polls', description: 'Questions to a meeting, votes and results' },
  { name: 'pipeline', description: 'Speech to text, translation and text to speech, one at a time' },
  { name: 'audit', description: 'What happened, and who did it: for admins, and for hosts of their rooms' },
  { name: 'operations', description: 'For those who run the server, and the descriptions of it' },
]
