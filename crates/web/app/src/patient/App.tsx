import { useEffect, useRef, useState } from "react";
import { LanguageContext, useLanguageChoice } from "../shared/language";
import { useTheme } from "../shared/theme";
import { ConsultationView } from "./consultation/ConsultationView";
import { Consultation } from "./session/consultation";
import { takeKey } from "./session/key";
import { FIRST_STATUS } from "./session/status";
import { Store, useStore } from "./session/store";
import { StartView } from "./start/StartView";
import { SummaryView } from "./summary/SummaryView";

let key = takeKey(location, history);
// A new link may be opened in the same tab.
addEventListener("hashchange", () => {
  key = takeKey(location, history) ?? key;
});
const NOBODY = new Store(FIRST_STATUS);

/** The whole page: start, consultation, summary. */
export function App() {
  const [language, setLanguage] = useLanguageChoice();
  const [theme, setTheme] = useTheme();
  const settings = { language, setLanguage, theme, setTheme };
  const [consultation, setConsultation] = useState<Consultation>();
  const status = useStore(consultation?.status ?? NOBODY);
  const { phase } = status;
  // Until the server has said yes, the patient is still where they pressed the button.
  const connected = useStore(consultation?.connected ?? NOT_CONNECTED);
  const view =
    phase.name === "over"
      ? "summary"
      : connected && phase.name !== "refused" && phase.name !== "left"
        ? "consultation"
        : "start";
  useHeadingFocus(view);

  const begin = (camera: boolean) => {
    const model = new URLSearchParams(location.search).get("model") ?? undefined;
    setConsultation(new Consultation({ origin: location.origin, key, model, camera }));
  };

  return (
    <LanguageContext value={language}>
      {consultation !== undefined && view === "consultation" && <ConsultationView consultation={consultation} />}
      {consultation !== undefined && phase.name === "over" && (
        <SummaryView
          consultation={consultation}
          ending={phase.ending}
          settings={settings}
          onAgain={() => setConsultation(undefined)}
        />
      )}
      {view === "start" && (
        <StartView
          settings={settings}
          problem={phase.name === "refused" ? phase.problem : undefined}
          beginning={consultation !== undefined && phase.name === "preparing"}
          onBegin={begin}
        />
      )}
    </LanguageContext>
  );
}

const NOT_CONNECTED = new Store(false);

/** Brings keyboard and screen reader to the heading of every view but the first. */
function useHeadingFocus(view: string) {
  const shown = useRef(view);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    document.querySelector<HTMLElement>("h1")?.focus();
    scrollTo(0, 0);
  }, [view]);
}
