import { inArray, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { pollTexts } from './schema.ts'

/** By language: the question, then each option; null where it could not be translated. */
export type PollTexts = Readonly<Record<string, readonly string[] | null>>

export type PollTextsRepository = ReturnType<typeof createPollTextsRepository>

/** What polls say in other languages than their own. */
export function createPollTextsRepository(db: Database) {
  return {
    /** Keeps texts of a poll, unless it is gone. What is translated already stays as it is. */
    async save(pollId: string, texts: PollTexts): Promise<void> {
      const rows = Object.entries(texts).map(([language, values]) => ({ language, texts: values }))
      if (rows.length === 0) return
      await db.execute(sql`
        insert into poll_texts (poll_id, language, texts)
        select polls.id, given.language, given.texts
        from polls, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (language text, texts text[])
        where polls.id = ${pollId}
        on conflict (poll_id, language) do update set texts = excluded.texts where poll_texts.texts is null`)
    },

    /** The texts of each of the polls; of one without any, none. */
    async of(pollIds: readonly string[]): Promise<Map<string, PollTexts>> {
      const found = new Map<string, Record<string, readonly string[] | null>>(pollIds.map((id) => [id, {}]))
      if (pollIds.length === 0) return found
      const rows = await db
        .select()
        .from(pollTexts)
        .where(inArray(pollTexts.poll_id, [...pollIds]))
      for (const { poll_id, language, texts } of rows) {
        const all = found.get(poll_id)
        if (all) all[language] = texts
      }
      return found
    },
  }
}
