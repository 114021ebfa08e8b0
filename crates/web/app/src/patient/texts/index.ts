import { type Dictionaries, useLanguage } from "../../shared/language";
import { en, type Texts } from "./en";
import { es } from "./es";

const TEXTS: Dictionaries<Texts> = { en, es };

export type { Texts };

/** The page's words in the language around. */
export function useTexts(): Texts {
  return TEXTS[useLanguage()];
}
