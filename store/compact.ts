/** Columns that may be null become fields that may be absent. */
export type Compact<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : never]?: NonNullable<T[K]>
}

/** Leaves out what is null: a row of the database as the rest of Muster knows it. */
export function compact<T extends object>(row: T): Compact<T> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Compact<T>
}
