import { chromium, type Browser } from 'playwright-core'

/** A headless Chromium that runs as any user, and asks nothing of the network on its own. */
export const launchChromium = (executablePath: string | undefined): Promise<Browser> =>
  chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-sync',
      '--no-first-run',
    ],
  })
