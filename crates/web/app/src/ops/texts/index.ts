import { type Dictionaries, useLanguage } from "../../shared/language";
import { en, type Texts } from "./en";
import { es } from "./es";

export type { Texts };

const TEXTS: Dictionaries<Texts> = { en, es };

/** What the console says, in the language of the page around. */
export function useTexts(): Texts {
  return TEXTS[useLanguage()];
}
