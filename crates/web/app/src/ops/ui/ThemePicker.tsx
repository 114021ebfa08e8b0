import { type Dictionaries, useLanguage } from "../../shared/language";
import { THEMES, type Theme } from "../../shared/theme";
import { Picker } from "./Picker";

const TEXTS: Dictionaries<{ label: string; names: Record<Theme, string> }> = {
  en: { label: "Colours", names: { auto: "Auto", light: "Light", dark: "Dark" } },
  es: { label: "Colores", names: { auto: "Auto", light: "Claro", dark: "Oscuro" } },
};

export function ThemePicker({ theme, onChoose }: { theme: Theme; onChoose: (theme: Theme) => void }) {
  const { label, names } = TEXTS[useLanguage()];
  return <Picker label={label} icon="contrast" choices={THEMES} names={names} chosen={theme} onChoose={onChoose} />;
}
