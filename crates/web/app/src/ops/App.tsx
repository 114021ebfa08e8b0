import { useMemo, useState } from "react";
import { LanguageContext, useLanguageChoice } from "../shared/language";
import { useTheme } from "../shared/theme";
import { Access } from "./Access";
import { ClientContext, OpsClient } from "./api/client";
import { Console } from "./Console";
import { LanguagePicker } from "./ui/LanguagePicker";
import { ThemePicker } from "./ui/ThemePicker";

/** The whole page. */
export function App() {
  const [language, setLanguage] = useLanguageChoice();
  const [theme, setTheme] = useTheme();
  const [key, setKey] = useState<string>();
  const [asked, setAsked] = useState(false);
  const client = useMemo(() => new OpsClient(key, () => setAsked(true)), [key]);
  const pickers = (
    <>
      <LanguagePicker onChoose={setLanguage} />
      <ThemePicker theme={theme} onChoose={setTheme} />
    </>
  );
  return (
    <LanguageContext value={language}>
      {asked ? (
        <Access
          pickers={pickers}
          onKey={(accepted) => {
            setKey(accepted);
            setAsked(false);
          }}
        />
      ) : (
        <ClientContext value={client}>
          <Console pickers={pickers} />
        </ClientContext>
      )}
    </LanguageContext>
  );
}
