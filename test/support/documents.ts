import specs from '@asyncapi/specs'
import { createConfig, lintFromString, type RawUniversalConfig } from '@redocly/openapi-core'
import { Ajv, type AnySchema, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { FORMATS } from '../../schemas/common.ts'

/** What Redocly's linter finds in a document, as `rule place: message`. Nothing is fetched: the document is whole. */
export async function lint(document: object, rules: RawUniversalConfig['rules'] = {}): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'], rules, resolve: { doNotResolveExamples: true } })
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'document.json', config })
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`)
}

/** What the official schema of AsyncAPI 3.0 finds. */
export function asyncapiProblems(document: object): string[] {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const check = ajv.compile(specs.schemasWithoutId['3.0.0'] as AnySchema)
  return check(document) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}

/** Compiles schemas of a document, which may refer to its components. Formats are checked as the server checks them. */
export function createChecker(document: object): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  for (const [name, check] of Object.entries(FORMATS)) ajv.addFormat(name, check)
  ajv.addFormat('binary', true)
  ajv.addSchema({ $id: 'document', ...document })
  return (pointer) => {
    const validate = ajv.getSchema(`document#${pointer}`)
    if (!validate) throw new Error(`there is no ${pointer}`)
    return validate as ValidateFunction
  }
}

/** The errors of a value under a schema of the document, as texts. */
export function errorsOf(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}

/** One step of a JSON pointer. */
export const escaped = (step: string): string => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))
