import t from 'tap'
import { findRoutes } from '../../../pipeline/apertium/routes.ts'

const modes = (...pairs: string[]) =>
  pairs.map((pair) => {
    const [source = '', target = ''] = pair.split('-')
    return { source, target, path: `/modes/${pair}.mode` }
  })

t.test('a direct way is preferred and named plainly', async (t) => {
  const routes = findRoutes(modes('en-es', 'es-ca', 'en-ca'))
  t.equal(routes.get('en-ca')?.engine, 'apertium')
  t.equal(routes.get('en-ca')?.hops.length, 1)
})

t.test('an indirect way is shortest and its name says where it goes', async (t) => {
  const routes = findRoutes(modes('en-es', 'es-fr', 'fr-oc'))
  t.equal(routes.get('en-fr')?.engine, 'apertium:en-es-fr')
  t.equal(routes.get('en-oc')?.engine, 'apertium:en-es-fr-oc')
})

t.test('of two ways of equal length the one through Spanish is taken', async (t) => {
  const routes = findRoutes(modes('en-ca', 'ca-fr', 'en-es', 'es-fr'))
  t.equal(routes.get('en-fr')?.engine, 'apertium:en-es-fr')
})

t.test('there is no way of more than three hops, none back to itself, and none against a direction', async (t) => {
  const routes = findRoutes(modes('a-b', 'b-c', 'c-d', 'd-e', 'b-a'))
  t.ok(routes.has('a-d'))
  t.notOk(routes.has('a-e'))
  t.notOk(routes.has('a-a'))
  t.notOk(routes.has('d-c'))
})
