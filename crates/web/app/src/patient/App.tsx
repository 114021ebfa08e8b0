import { LanguageContext, useLanguageChoice } from "../shared/language";
import { useTheme } from "../shared/theme";

/** The whole page. */
export function App() {
  const [language] = useLanguageChoice();
  useTheme();
  return (
    <LanguageContext value={language}>
      <main>
        <h1>Bedside</h1>
      </main>
    </LanguageContext>
  );
}
