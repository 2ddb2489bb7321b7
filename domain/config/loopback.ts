/** As URLs write it: names such as 127.example.org lead elsewhere. */
const LOOPBACK_V4 = /^127(?:\.\d{1,3}){3}$/

/** True for a URL that leads to this machine alone. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || LOOPBACK_V4.test(hostname)
}
