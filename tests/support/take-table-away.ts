import { DatabaseSync } from 'node:sqlite'

/** Every statement that needs this table of an SQLite store fails, until the function that this gives brings it back. */
export function takeTableAway(file: string, table: string): () => void {
  rename(file, table, `${table}_away`)
  return () => rename(file, `${table}_away`, table)
}

function rename(file: string, from: string, to: string): void {
  const database = new DatabaseSync(file)
  try {
    database.exec(`PRAGMA busy_timeout = 5000; ALTER TABLE ${from} RENAME TO ${to}`)
  } finally {
    database.close()
  }
}
