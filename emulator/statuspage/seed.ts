import { z } from 'zod'
import { COMPONENT_STATUSES, type PageState } from './state.ts'

const id = z.string().regex(/^[A-Za-z0-9]{1,64}$/)

/** Part of `POST /_emulator/seed`: pages and components are added, those that are there keep what they show. */
export const statuspageSeed = z.strictObject({
  pages: z
    .array(
      z.strictObject({
        id,
        name: z.string().default('Emulated status page'),
        components: z
          .array(
            z.strictObject({
              id,
              name: z.string().min(1),
              status: z.enum(COMPONENT_STATUSES).default('operational'),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  /** For each key within any 60 seconds. */
  requestsPerMinute: z.int().min(0).optional(),
})
export type StatuspageSeed = z.output<typeof statuspageSeed>

export function plant(state: PageState, { pages }: StatuspageSeed, nowMs: number): void {
  for (const page of pages) {
    if (!state.pages.has(page.id)) state.putPage({ id: page.id, name: page.name, createdAtMs: nowMs })
    for (const { id: componentId, name, status } of page.components) {
      if (state.component(page.id, componentId) !== undefined) continue
      state.putComponent({
        id: componentId,
        pageId: page.id,
        name,
        description: null,
        status,
        position: (state.components(page.id).at(-1)?.position ?? 0) + 1,
        showcase: true,
        onlyShowIfDegraded: false,
        startDate: null,
        createdAtMs: nowMs,
        updatedAtMs: nowMs,
      })
    }
  }
}
