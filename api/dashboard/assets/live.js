// Keeps the live parts of a page fresh: fetches the same page and puts each [data-live] element in place of the old one.
// Without JavaScript the page is complete as it is.
const EVERY_MS = 2000
const notice = document.getElementById('stale')

function isBusy(element) {
  return element.contains(document.activeElement) && document.activeElement !== document.body
}

function replaceLiveParts(fresh) {
  for (const old of document.querySelectorAll('[data-live]')) {
    const next = fresh.getElementById(old.id)
    if (next && !isBusy(old) && next.outerHTML !== old.outerHTML) old.replaceWith(document.adoptNode(next))
  }
}

async function refresh() {
  if (document.hidden) return
  try {
    const response = await fetch(window.location.href, {
      headers: { accept: 'text/html' },
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    })
    if (response.status === 401) {
      window.location.reload()
      return
    }
    if (!response.ok) throw new Error(`answered ${response.status}`)
    replaceLiveParts(new DOMParser().parseFromString(await response.text(), 'text/html'))
    notice.hidden = true
  } catch {
    // The notice tells the reader; the next try comes by itself.
    notice.hidden = false
  }
}

async function keepFresh() {
  await refresh()
  setTimeout(keepFresh, EVERY_MS)
}

if (document.querySelector('[data-live]')) setTimeout(keepFresh, EVERY_MS)
