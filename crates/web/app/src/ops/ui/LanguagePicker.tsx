import { LANGUAGE_NAMES, LANGUAGES, type Language, useLanguage } from "../../shared/language";
import { Picker } from "./Picker";

const LABELS: Record<Language, string> = { en: "Language", es: "Idioma" };

export function LanguagePicker({ onChoose }: { onChoose: (language: Language) => void }) {
  const language = useLanguage();
  return (
    <Picker
      label={LABELS[language]}
      icon="language"
      choices={LANGUAGES}
      names={LANGUAGE_NAMES}
      chosen={language}
      onChoose={onChoose}
    />
  );
}
