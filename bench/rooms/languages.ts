/** What the listeners listen to, in turn; the speaker speaks the first. */
export const LANGUAGES = ['en', 'es', 'fr', 'de'] as const
