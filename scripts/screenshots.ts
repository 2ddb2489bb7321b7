import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { runningStack } from '../cli/stack/remembered.ts'
import { launchChromium } from './launch-chromium.ts'
import { findChromium } from './setup/system.mjs'

/**
 * Renews the pictures of the README from the example stack that runs on this machine (`npm start`): run it after
 * `npm run muster -- hosts fast-forward demo/00002`, so that the story can be seen.
 */
const images = join(fileURLToPath(new URL('.', import.meta.url)), '..', 'docs', 'images')
/** Temporal's UI draws its timeline some time after the page has loaded. */
const DRAWN_MS = 5_000

const stack = runningStack()
if (!stack) throw new Error('no stack runs on this machine: start one with `npm start`')
await mkdir(images, { recursive: true })
const browser = await launchChromium(await findChromium())
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1080 } })
  await page.goto(`${stack.api}/?token=${stack.token}`)
  await page.goto(`${stack.api}/fleets/demo`)
  await shoot(page, 'fleet')
  await page.goto(`${stack.api}/hosts/demo/00002`)
  const temporalLink = await page.locator('a', { hasText: 'Temporal workflow' }).first().getAttribute('href')
  if (temporalLink) {
    await page.goto(temporalLink)
    await page.waitForTimeout(DRAWN_MS)
    await page.getByText('Timeline', { exact: true }).last().scrollIntoViewIfNeeded()
    await page.setViewportSize({ width: 1400, height: 1200 })
    await page.waitForTimeout(DRAWN_MS)
    await shoot(page, 'temporal-timeline')
  }
} finally {
  await browser.close()
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(images, `${name}.png`) })
  console.log(`docs/images/${name}.png`)
}
