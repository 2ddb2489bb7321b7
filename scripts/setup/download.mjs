import { createWriteStream } from 'node:fs'
import { get } from 'node:https'
import { pipeline } from 'node:stream/promises'

/** A closed network must be found out quickly: there is another way to get the file. */
const connectMs = 5_000
/** No byte for this long ends a download that had begun. */
const stallMs = 30_000
const maxRedirects = 5

/**
 * Downloads `url` (https) to `file`, following redirects.
 * @param {string} url
 * @param {string} file
 * @param {number} [redirectsLeft]
 * @returns {Promise<void>}
 * @throws when there is no answer within 5 s, on another status than 200, or when the download stalls for 30 s
 */
export async function download(url, file, redirectsLeft = maxRedirects) {
  const response = await answerTo(url)
  const status = response.statusCode ?? 0
  const location = response.headers.location
  if (status >= 300 && status < 400 && location !== undefined) {
    response.destroy()
    if (redirectsLeft === 0) throw new Error(`${url} redirects more than ${maxRedirects} times`)
    const next = new URL(location, url)
    if (next.protocol !== 'https:') throw new Error(`${url} redirects to ${next.protocol}, which is not safe`)
    return download(next.href, file, redirectsLeft - 1)
  }
  if (status !== 200) {
    response.destroy()
    throw new Error(`${url} answered ${status}`)
  }
  response.setTimeout(stallMs, () => response.destroy(new Error(`${url} stalled for ${stallMs / 1000} s`)))
  await pipeline(response, createWriteStream(file))
}

/**
 * @param {string} url
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
function answerTo(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { 'user-agent': 'muster-setup' } })
    const timer = setTimeout(
      () => request.destroy(new Error(`${url} did not answer within ${connectMs / 1000} s`)),
      connectMs,
    )
    request.once('response', (response) => {
      clearTimeout(timer)
      resolve(response)
    })
    request.once('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  })
}
