import { join } from 'node:path'
import t from 'tap'
import { ConfigError, describeConfig, loadConfig } from '../../config.ts'

const isolated = { dotenvPath: null, developmentKey: () => 'a development key' }
const URL_OF_SERVER = 'http://speech.internal:8000/v1'

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env, isolated)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

t.test('without settings the engines are those of this machine, without a fallback', async (t) => {
  t.match(loadConfig({}, isolated), {
    ...{ sttEngine: 'embedded', translateEngine: 'embedded', ttsEngine: 'embedded' },
    ...{ sttFallback: 'none', translateFallback: 'none', ttsFallback: 'none' },
    ...{ allowanceAudioMinutesPerDay: 240, allowanceCharactersPerDay: 500_000 },
    modelsDir: join(process.cwd(), 'models'),
  })
})

t.test('an engine that nobody knows is refused by name, with those that there are', async (t) => {
  t.same(problemsOf({ STT_ENGINE: 'whisper' }), [
    'STT_ENGINE must be one of embedded, openai, deepgram, none, not "whisper"',
  ])
  t.match(problemsOf({ TRANSLATE_ENGINE: 'deepgram' }), [/^TRANSLATE_ENGINE must be one of .*libretranslate/])
  t.match(problemsOf({ TTS_FALLBACK: 'OpenAI' }), [/^TTS_FALLBACK must be one of/])
})

t.test('a provider that lacks what it needs is refused, each setting by name', async (t) => {
  const cases: [NodeJS.ProcessEnv, string[]][] = [
    [{ STT_ENGINE: 'openai' }, ['STT_URL']],
    [{ STT_ENGINE: 'openai', STT_URL: URL_OF_SERVER }, []],
    [{ STT_ENGINE: 'openai', STT_URL: 'https://api.openai.com/v1' }, ['STT_KEY']],
    [{ STT_ENGINE: 'deepgram' }, ['STT_KEY']],
    [{ STT_FALLBACK: 'deepgram', STT_KEY: 'k' }, ['STT_FALLBACK_KEY']],
    [{ STT_FALLBACK: 'openai' }, ['STT_FALLBACK_URL']],
    [{ TRANSLATE_ENGINE: 'openai' }, ['TRANSLATE_URL', 'TRANSLATE_MODEL']],
    [{ TRANSLATE_ENGINE: 'openai', TRANSLATE_URL: URL_OF_SERVER, TRANSLATE_MODEL: 'qwen2.5:7b' }, []],
    [{ TRANSLATE_ENGINE: 'libretranslate' }, ['TRANSLATE_URL']],
    [{ TRANSLATE_ENGINE: 'deepl' }, ['TRANSLATE_KEY']],
    [{ TRANSLATE_ENGINE: 'deepl', TRANSLATE_KEY: 'k:fx' }, []],
    [{ TTS_ENGINE: 'openai', TTS_FALLBACK: 'openai' }, ['TTS_URL', 'TTS_FALLBACK_URL']],
    [{ TTS_ENGINE: 'none' }, []],
  ]
  for (const [env, named] of cases) {
    const problems = problemsOf(env)
    t.same(
      problems.map((problem) => problem.split(' ')[0]),
      named,
      JSON.stringify(env),
    )
  }
  t.same(problemsOf({ STT_ENGINE: 'deepgram' }), ['STT_KEY is required while STT_ENGINE is deepgram'])
})

t.test('an address with a key in it, or of another protocol, is refused without being shown', async (t) => {
  for (const url of ['ftp://x/v1', 'https://user:hunter2@x/v1', 'https://x/v1?key=hunter2', 'x', 'https://']) {
    const problems = problemsOf({ STT_ENGINE: 'openai', STT_URL: url })
    t.match(problems, [/^STT_URL must be an http\(s\) address/], url)
    t.notMatch(problems.join(), /hunter2/)
  }
})

t.test('keys are masked where settings are shown, come from files, and are words that a header can hold', async (t) => {
  const folder = t.testdir({ key: 'hunter2-from-a-file\n' })
  const env = {
    STT_ENGINE: 'deepgram',
    STT_KEY: 'hunter2',
    TRANSLATE_ENGINE: 'deepl',
    TRANSLATE_KEY_FILE: join(folder, 'key'),
  }
  const config = loadConfig(env, isolated)
  t.equal(config.translateKey, 'hunter2-from-a-file')
  const shown = describeConfig(config).join('\n')
  t.notMatch(shown, /hunter2/)
  t.match(shown, /STT_KEY=\*+\n/)
  const problems = problemsOf({ STT_ENGINE: 'deepgram', STT_KEY: 'hunter2 with spaces' })
  t.match(problems, [/^STT_KEY must be one word/])
  t.notMatch(problems.join(), /hunter2/)
})
