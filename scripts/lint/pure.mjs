// What oxlint has no rule of its own for. Loaded by .oxlintrc.json, under whatever Node runs oxlint.

const MESSAGE = 'domain/ is pure: the time comes in as a parameter'

/** `Date()` and `new Date()` tell the present time; with arguments they tell the time that they are given. */
const noPresentTime = {
  create(context) {
    const refuse = (node) => context.report({ node, message: MESSAGE })
    const isDate = ({ callee }) => callee.type === 'Identifier' && callee.name === 'Date'
    return {
      NewExpression: (node) => isDate(node) && node.arguments.length === 0 && refuse(node),
      CallExpression: (node) => isDate(node) && refuse(node),
    }
  },
}

export default { meta: { name: 'muster' }, rules: { 'no-present-time': noPresentTime } }
