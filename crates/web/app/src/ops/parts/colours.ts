import { useEffect, useState } from "react";

/** The colours of tokens as they are in force, for what draws itself: `light-dark()` is resolved, changes are followed. */
export function useColours<Name extends string>(names: readonly Name[]): Record<Name, string> {
  const [colours, setColours] = useState(() => resolve(names));
  useEffect(() => {
    const look = () => setColours(resolve(names));
    look();
    const theme = new MutationObserver(look);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", look);
    return () => {
      theme.disconnect();
      system.removeEventListener("change", look);
    };
  }, [names]);
  return colours;
}

function resolve<Name extends string>(names: readonly Name[]): Record<Name, string> {
  // The value of a custom property is its text; only a property that takes a colour resolves it.
  const probe = document.createElement("span");
  document.body.append(probe);
  const colours = {} as Record<Name, string>;
  for (const name of names) {
    probe.style.color = `var(--${name})`;
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return colours;
}
