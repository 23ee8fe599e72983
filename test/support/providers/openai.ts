import { readWav } from '../../../pipeline/wav.ts'
import { type Received, type Reply, type StandIn, startStandIn } from './stand-in.ts'

export interface Message {
  role: string
  content: string
}

export interface OpenAiStandIn extends StandIn {
  /** With the version. */
  base: string
  /** What it recognises in every recording. */
  transcript: { text: string; language: string; segments: object[] }
  /** Answers `verbose_json` with 400, as servers do that do not know it. */
  plainOnly: boolean
  /** In place of a translation. */
  reply: string | null
  /** The messages of the last request for a chat. */
  messages(): Message[]
}

const failure = (status: number, message: string): Reply => ({
  status,
  body: { error: { message, type: 'invalid_request_error', param: null, code: null } },
})

/** OpenAI's protocol: transcriptions, speech and chat. `key`: what it asks for. */
export async function startOpenAi(
  t: { teardown(end: () => Promise<void>): void },
  { key }: { key?: string } = {},
): Promise<OpenAiStandIn> {
  const transcript = { text: 'See you on Friday.', language: 'english', segments: [] as object[] }

  async function serve(request: Received): Promise<Reply> {
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`)
      return failure(401, `Incorrect API key provided: ${request.headers.authorization ?? 'none'}`)
    if (request.method !== 'POST') return failure(405, 'Not allowed')
    if (request.path === '/v1/audio/transcriptions') return transcribe(request)
    if (request.path === '/v1/audio/speech') return speak(request)
    if (request.path === '/v1/chat/completions') return chat(request)
    return failure(404, 'Unknown request URL')
  }

  async function transcribe({ headers, body }: Received): Promise<Reply> {
    const type = headers['content-type'] ?? ''
    const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
    const [file, model, format] = [form.get('file'), form.get('model'), form.get('response_format')]
    if (!(file instanceof File) || !file.name || !model) return failure(400, 'file and model are required')
    const sound = readWav(Buffer.from(await file.arrayBuffer()))
    if (sound?.sample_rate !== 16_000) return failure(400, 'Invalid file format.')
    if (format === 'json') return { body: { text: standIn.transcript.text } }
    if (format !== 'verbose_json' || standIn.plainOnly)
      return failure(400, `response_format ${format} is not supported`)
    const duration = sound.pcm.length / 2 / sound.sample_rate
    return { body: { task: 'transcribe', duration, ...standIn.transcript } }
  }

  function speak({ body }: Received): Reply {
    const { model, input, voice, response_format } = JSON.parse(body.toString())
    if (!model || !input || !voice || input.length > 4096) return failure(400, 'model, input and voice are required')
    if (response_format !== 'wav') return failure(400, 'unexpected format')
    return { headers: { 'content-type': 'audio/wav' }, body: streamedWav(24_000, input.length * 100) }
  }

  function chat({ body }: Received): Reply {
    const { model, messages, temperature } = JSON.parse(body.toString())
    if (!model || !Array.isArray(messages) || temperature !== 0) return failure(400, 'unexpected request')
    const { from, to, text } = JSON.parse(messages.at(-1).content)
    const content = standIn.reply ?? `${text} (${from} to ${to})`
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]
    return { body: { id: 'chatcmpl-1', object: 'chat.completion', model, choices, usage: {} } }
  }

  const started = await startStandIn(t, serve)
  const standIn: OpenAiStandIn = Object.assign(started, {
    base: `${started.url}/v1`,
    transcript,
    plainOnly: false,
    reply: null,
    messages: () => JSON.parse(started.received.at(-1)?.body.toString() ?? '{}').messages as Message[],
  })
  return standIn
}

/** A WAV file as it is streamed: the lengths are not known, and there is a chunk that nobody needs. */
export function streamedWav(sampleRate: number, samples: number): Buffer {
  const header = Buffer.from(
    `RIFF....WAVEfmt ....................LIST\x04\0\0\0INFOdata....`.replaceAll('.', '\0'),
    'latin1',
  )
  header.writeUInt32LE(0xffffffff, 4)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.writeUInt32LE(0xffffffff, header.length - 4)
  const pcm = Buffer.alloc(samples * 2)
  for (let i = 0; i < samples; i++) pcm.writeInt16LE(Math.round(8000 * Math.sin(i / 10)), i * 2)
  return Buffer.concat([header, pcm])
}
