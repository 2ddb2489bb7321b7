/**
 * The default export of a CommonJS module that was compiled from ESM: Node's own import gives the whole exports object,
 * tools that imitate bundlers (vitest) give what is behind `default`.
 */
export function defaultExport<T extends object>(imported: { default: T } | T): T {
  return 'default' in imported ? imported.default : imported
}
