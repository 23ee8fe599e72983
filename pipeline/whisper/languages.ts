/**
 * What Whisper's smallest model writes well enough to be followed, as ISO 639-1. It knows some eighty more, of which it
 * gets every second word wrong.
 */
export const WHISPER_LANGUAGES: readonly string[] = 'en es fr de it pt ca gl nl pl ru uk tr id ja ko zh'.split(' ')
