/**
 * What all workflows of a worker share instead of each loading it anew: the pure decisions of `domain/`, which keep no
 * state (the SDK freezes what they export). The bundle takes this file as its preloaded module (worker/bundle.ts).
 */
import '../domain/durations.ts'
import '../domain/fleet/decide.ts'
import '../domain/host/decide.ts'
import '../domain/host/record.ts'
import '../domain/ids.ts'
import '../domain/messages.ts'
import '../domain/queues.ts'
import '../domain/search-attributes.ts'
import '../domain/spec.ts'

/**
 * The SDK writes down the stack of every promise that a workflow makes, each frame looked up in the source map: with the
 * default of ten frames that is a third of a host's cost in the worker (docs/performance.md). Three frames still name
 * the thrower and who called it. `Error` is the workflows' own: nothing outside the sandbox is touched.
 */
Error.stackTraceLimit = 3
