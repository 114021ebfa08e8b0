// The server's sources are the truth: a name this package lacks, or has alone, is a mistake of this package.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const PACKAGE = new URL("../../", import.meta.url);
const PROTOCOL = new URL("../../protocol/src/", PACKAGE);

function names(file: URL, pattern: RegExp): string[] {
  const found = [...readFileSync(file, "utf8").matchAll(pattern)].map(([, name]) => name ?? "");
  return [...new Set(found)].sort();
}

const dotted = /"([a-z_]+(?:\.[a-z_]+)+|error)"/g;
const renamed = /rename = "([a-z_]+(?:\.[a-z_]+)+|error)"/g;
const notObjects = (name: string) => !name.startsWith("realtime.");

test("server events are those of the server", () => {
  const here = ["server-event.ts", "vitals.ts"].flatMap((file) => names(new URL(`src/wire/${file}`, PACKAGE), dotted));
  const there = names(new URL("server/event.rs", PROTOCOL), renamed);
  assert.ok(there.length > 40, `${there.length}`);
  assert.deepEqual(here.filter(notObjects).sort(), there);
});

test("client events are those the server takes", () => {
  const here = names(new URL("src/wire/client-event.ts", PACKAGE), dotted);
  assert.deepEqual(here, names(new URL("client/mod.rs", PROTOCOL), renamed));
});

test("error codes are those of the server", () => {
  const here = readFileSync(new URL("src/wire/error.ts", PACKAGE), "utf8").split("ErrorCode")[1]?.split(";")[0] ?? "";
  const there =
    readFileSync(new URL("error.rs", PROTOCOL), "utf8").split("pub enum ErrorCode {")[1]?.split("\n}")[0] ?? "";
  const snake = [...there.matchAll(/^ {4}([A-Z]\w+),/gm)].map(([, name = ""]) =>
    name.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase(),
  );
  const listed = [...here.matchAll(/"(\w+)"/g)].map(([, name]) => name);
  assert.ok(snake.length > 20, `${snake.length}`);
  assert.deepEqual(listed.sort(), snake.sort());
});
