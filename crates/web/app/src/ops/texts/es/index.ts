import type { Texts } from "../en";
import { overview } from "./overview";
import { page } from "./page";
import { sessions } from "./sessions";

export const es: Texts = { ...page, ...overview, ...sessions };
