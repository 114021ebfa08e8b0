// Keeps the patient's page for when there is no network. It answers for the page and its files alone: what the server
// knows about a consultation (`/v1`, `/ops/api`) is never asked for, seen or kept here.

declare const self: ServiceWorkerGlobalScope;

export {};

/** Written in front of this script by the build (`vite/shell.ts`). */
declare const SHELL: readonly string[];
declare const RELEASE: string;

const KEPT = `bedside-${RELEASE}`;

/** A network that takes longer than this, in milliseconds, to give the page is as good as none. */
const PATIENCE_MS = 4_000;

self.addEventListener("install", (event) => {
  // `reload` goes past the browser's own cache, so that the files are of this release.
  const requests = SHELL.map((address) => new Request(address, { cache: address === "/" ? "reload" : "default" }));
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(requests)));
});

// A new release takes over when no page of the old one is open any more: until then the old one may need its files.
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname === "/") event.respondWith(newestPage(request));
  else if (SHELL.includes(pathname)) event.respondWith(keptFile(request));
});

/** The page from the network, so that a new release is seen at the next visit; else the page that was kept. */
async function newestPage(request: Request): Promise<Response> {
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.status < 500) return response;
  } catch {
    // No network.
  }
  return (await kept("/")) ?? fetch(request);
}

async function keptFile(request: Request): Promise<Response> {
  return (await kept(request)) ?? fetch(request);
}

async function kept(what: RequestInfo): Promise<Response | undefined> {
  const cache = await caches.open(KEPT);
  return cache.match(what, { ignoreSearch: true, ignoreVary: true });
}
