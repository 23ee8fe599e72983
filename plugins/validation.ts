import AjvCompiler, { type Ajv } from '@fastify/ajv-compiler'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { FORMATS } from '../schemas/common.ts'

/** Named as the compiler expects it of a plugin that replaces its own formats: only ours are known. */
function formatsPlugin(ajv: Ajv): Ajv {
  for (const [name, validate] of Object.entries(FORMATS)) ajv.addFormat(name, validate)
  return ajv
}

function compiler(coerceTypes: boolean) {
  return AjvCompiler()(
    {},
    {
      customOptions: { removeAdditional: false, coerceTypes, useDefaults: true, allErrors: false, strictTypes: false },
      plugins: [formatsPlugin],
    },
  )
}

const plugin: FastifyPluginAsync = async (app) => {
  const exact = compiler(false)
  // Queries and parameters are strings on the wire: `?page=2` is a number.
  const coercing = compiler(true)
  app.setValidatorCompiler((route) => (route.httpPart === 'body' ? exact : coercing)(route))
}

/** Ajv that removes nothing, refuses what it does not know, and coerces only what came as text. */
export default fp(plugin, { name: 'validation' })
