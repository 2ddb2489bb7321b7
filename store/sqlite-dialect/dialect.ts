import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, type Dialect } from 'kysely'
import { storable } from '../storable.ts'
import { createDriver } from './driver.ts'

/** Kysely on node:sqlite. */
export function nodeSqliteDialect(file: string): Dialect {
  return {
    createDriver: () => createDriver(file),
    createQueryCompiler: () => new StorableCompiler(),
    createAdapter: () => new TransactionalAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

class StorableCompiler extends SqliteQueryCompiler {
  protected override addParameter(parameter: unknown): void {
    super.addParameter(storable(parameter))
  }
}

/**
 * SQLite makes and drops tables within transactions. Saying so makes the Migrator look and migrate in one, which begins
 * with the write lock: that is what keeps two processes from migrating at once.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}
