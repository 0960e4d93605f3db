/**
 * Asks the libraries behind the official Cucumber editor extension what they make of a suite.
 *
 *   node what_editors_see.mjs NODE_MODULES < question.json > answer.json
 *
 * The question holds the Python sources and the features as {uri, content}, step texts to be matched, beginnings of
 * steps to be completed, and texts to be formatted. The answer holds what an editor would show for each; places are
 * "URI:LINE". Nothing is judged here: the tests do that.
 */
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

const modules = path.resolve(process.argv[2])
const require = createRequire(path.join(modules, 'from-here.js'))
const service = require('@cucumber/language-service')
const { WasmParserAdapter } = require('@cucumber/language-service/wasm')
const { pretty } = require('@cucumber/gherkin-utils')

const question = JSON.parse(fs.readFileSync(0, 'utf8'))

const adapter = new WasmParserAdapter(path.join(modules, '@cucumber', 'language-service', 'dist'))
await adapter.init()
const sources = question.python.map((source) => ({ ...source, languageName: 'python' }))
const built = new service.ExpressionBuilder(adapter).build(sources, [])
const place = ({ locationLink: { targetUri, targetSelectionRange } }) => `${targetUri}:${targetSelectionRange.start.line + 1}`

/** Where an editor jumps to from a step, and under how many different expressions. */
function definitions(text) {
  const source = `Feature: F\n  Scenario: S\n    Given ${text}\n`
  const links = service.getStepDefinitionLocationLinks(source, { line: 2, character: 12 }, built.expressionLinks)
  const saying = built.expressionLinks.filter(({ expression }) => expression.match(text))
  return {
    text,
    places: links.map((locationLink) => place({ locationLink })),
    expressions: [...new Set(saying.map(({ expression }) => expression.source))],
  }
}

/** What an editor underlines in a feature. */
function underlined({ uri, content }) {
  const found = service.getGherkinDiagnostics(content, built.expressionLinks.map((link) => link.expression))
  return found.map(({ range, message }) => `${uri}:${range.start.line + 1}: ${message}`)
}

const suggestions = service.buildSuggestions(
  built.registry,
  question.steps,
  built.expressionLinks.map((link) => link.expression)
)
const index = service.jsSearchIndex(suggestions)

/** What an editor offers after the first letters of a step. */
function completions(beginning) {
  const source = `Feature: F\n  Scenario: S\n    Given ${beginning}`
  const position = { line: 2, character: 10 + beginning.length }
  return service.getGherkinCompletionItems(source, position, index).map((item) => item.textEdit.newText)
}

const answer = {
  definitions: built.expressionLinks.map((link) => ({ place: place(link), expression: link.expression.source })),
  parameters: built.parameterTypeLinks.map(({ parameterType }) => parameterType.name),
  errors: built.errors.map((error) => error.message),
  steps: question.steps.map(definitions),
  underlined: question.features.flatMap(underlined),
  completions: Object.fromEntries(question.beginnings.map((beginning) => [beginning, completions(beginning)])),
  formatted: question.texts.map((text) => ({
    byTool: pretty(service.parseGherkinDocument(text).gherkinDocument),
    byEditor: service.getGherkinFormattingEdits(text)[0].newText,
  })),
}
process.stdout.write(JSON.stringify(answer))
