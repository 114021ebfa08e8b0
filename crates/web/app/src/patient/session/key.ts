/**
 * The key in the page's address (`/#key=…`), taken out of the address so that it stays neither in the history nor on the
 * screen. It is kept in memory alone.
 */
export function takeKey(
  location: Pick<Location, "hash" | "pathname" | "search">,
  history: History,
): string | undefined {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key === null) return undefined;
  history.replaceState(history.state, "", location.pathname + location.search);
  return key === "" ? undefined : key;
}
