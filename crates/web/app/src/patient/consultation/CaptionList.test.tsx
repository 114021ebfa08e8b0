import type { Captions } from "@bedside/client";
import { act, cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Store } from "../session/store";
import { Announcer } from "./Announcer";
import { CaptionList } from "./CaptionList";

afterEach(cleanup);

const partial: Captions = [
  { itemId: "p", speaker: "patient", text: "I have a pane", at: 0, typed: false, state: "partial" },
];
const final: Captions = [
  { itemId: "p", speaker: "patient", text: "I have a pain.", at: 0, typed: false, state: "final" },
];

test("partial words are shown and corrected in their place", () => {
  const captions = new Store<Captions>(partial);
  render(<CaptionList captions={captions} shown />);
  const line = screen.getByRole("listitem");
  expect(line.dataset.state).toBe("partial");
  act(() => captions.set(final));
  expect(screen.getByRole("listitem")).toBe(line);
  expect(line.textContent).toBe("YouI have a pain.");
  expect(line.dataset.state).toBe("final");
});

test("words that are not sure yet are not read out", () => {
  const captions = new Store<Captions>(partial);
  const { container } = render(<Announcer captions={captions} />);
  expect(container.textContent).toBe("");
  act(() => captions.set(final));
  expect(container.textContent).toBe("You: I have a pain.");
});

test("captions that are off show nothing of what is said", () => {
  render(<CaptionList captions={new Store(final)} shown={false} />);
  expect(screen.queryByText("I have a pain.")).toBeNull();
});
