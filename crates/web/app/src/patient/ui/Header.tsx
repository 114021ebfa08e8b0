import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../../shared/language";
import { THEMES, type Theme } from "../../shared/theme";
import { useTexts } from "../texts";
import { Brand } from "./Brand";
import { Choice } from "./Choice";
import styles from "./Header.module.css";
import type { IconName } from "./Icon";

export interface Settings {
  language: Language;
  setLanguage: (language: Language) => void;
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

const THEME_ICONS: Record<Theme, IconName> = { auto: "themeAuto", light: "light", dark: "themeDark" };

/** The top of a view that has room for the page's settings. */
export function Header({ language, setLanguage, theme, setTheme }: Settings) {
  const texts = useTexts();
  return (
    <header className={styles.header}>
      <Brand />
      <div className={styles.settings}>
        <Choice
          label={texts.theme.label}
          value={theme}
          options={THEMES.map((value) => ({ value, label: texts.theme[value], icon: THEME_ICONS[value] }))}
          onChoose={setTheme}
        />
        <Choice
          label={texts.language}
          value={language}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value], lang: value }))}
          onChoose={setLanguage}
        />
      </div>
    </header>
  );
}
