import { useCallback, useState } from "react";

/** A choice of few that outlives the visit; `fallback` where nothing was chosen, or the browser keeps nothing. */
export function useStored<T extends string>(
  name: string,
  choices: readonly T[],
  fallback: T,
): [T, (choice: T) => void] {
  const [choice, setChoice] = useState(() => read(name, choices) ?? fallback);
  const choose = useCallback(
    (next: T) => {
      setChoice(next);
      try {
        localStorage.setItem(name, next);
      } catch {
        // A browser that keeps nothing still does it for this visit.
      }
    },
    [name],
  );
  return [choice, choose];
}

function read<T extends string>(name: string, choices: readonly T[]): T | undefined {
  try {
    const stored = localStorage.getItem(name);
    return choices.find((choice) => choice === stored);
  } catch {
    return undefined;
  }
}
