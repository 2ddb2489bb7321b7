/**
 * What all workflows of a worker share instead of each loading it again: their code, and the SDK's. None of it keeps
 * anything between calls (the SDK freezes what the modules export, preloaded.test.ts looks for the rest): what a workflow
 * knows lies in its own `Host` or `Fleet`. The bundle takes this file as its preloaded module (worker/bundle.ts).
 */
import './index.ts'

/**
 * The SDK writes down the stack of every promise that a workflow makes, each frame looked up in the source map: with the
 * default of ten frames that is a third of a host's cost in the worker (docs/performance.md). Three frames still name
 * the thrower and who called it. `Error` is the workflows' own: nothing outside the sandbox is touched.
 */
Error.stackTraceLimit = 3
