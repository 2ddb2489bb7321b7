/** Logs a browser in at the dashboard. @returns the cookie it then sends */
export async function logIn(apiUrl: string, token: string): Promise<string> {
  const answer = await fetch(`${apiUrl}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: apiUrl },
    body: new URLSearchParams({ token }),
  })
  const [cookie = ''] = answer.headers.getSetCookie()
  return cookie.slice(0, cookie.indexOf(';'))
}
