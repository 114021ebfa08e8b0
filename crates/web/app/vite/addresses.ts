import type { Plugin } from "vite";

/** Serves the console where the server does, at `/ops`. */
export function addresses(): Plugin {
  return {
    name: "bedside:addresses",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _, next) => {
        if (request.url === "/ops" || request.url === "/ops/") request.url = "/ops.html";
        next();
      });
    },
  };
}
