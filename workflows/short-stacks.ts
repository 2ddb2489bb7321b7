/**
 * The SDK writes down the stack of every promise that a workflow makes, each frame looked up in the source map: with the
 * default of ten frames that is a third of a host's cost in the worker (docs/performance.md). Three frames still name
 * the thrower and who called it. `Error` is the workflows' own: nothing outside the sandbox is touched.
 */
Error.stackTraceLimit = 3
