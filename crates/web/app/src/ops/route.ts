import { useSyncExternalStore } from "react";

export type Route = { page: "overview" } | { page: "sessions" } | { page: "session"; id: string } | { page: "audit" };

/** Where a hash leads; anything unknown leads to the overview. */
export function parseRoute(hash: string): Route {
  const [first, second, ...rest] = hash.replace(/^#?\/?/, "").split("/");
  if (rest.length > 0) return { page: "overview" };
  if (first === "sessions") {
    const id = decoded(second);
    return id === "" ? { page: "sessions" } : { page: "session", id };
  }
  return first === "audit" && second === undefined ? { page: "audit" } : { page: "overview" };
}

export function hashOf(route: Route): string {
  switch (route.page) {
    case "overview":
      return "#/";
    case "session":
      return `#/sessions/${encodeURIComponent(route.id)}`;
    default:
      return `#/${route.page}`;
  }
}

function decoded(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? "");
  } catch {
    return "";
  }
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}

function subscribe(changed: () => void): () => void {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}
