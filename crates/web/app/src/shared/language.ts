import { createContext, useContext, useEffect } from "react";
import { useStored } from "./stored";

export const LANGUAGES = ["en", "es"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each language by its own name. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", es: "Español" };

/** What a page says, in every language: a text missing in one of them does not compile. */
export type Dictionaries<Texts> = Record<Language, Texts>;

/** The language in force, kept for the next visit; at first the browser's. */
export function useLanguageChoice(): [Language, (language: Language) => void] {
  const [language, setLanguage] = useStored("bedside.language", LANGUAGES, preferred(navigator.languages));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return [language, setLanguage];
}

/** The first language of `wanted` that we speak. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const known = LANGUAGES.find((language) => tag === language || tag.startsWith(`${language}-`));
    if (known !== undefined) return known;
  }
  return "en";
}

export const LanguageContext = createContext<Language>("en");

/** The language of the page around. */
export function useLanguage(): Language {
  return useContext(LanguageContext);
}
