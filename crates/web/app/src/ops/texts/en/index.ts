import { overview } from "./overview";
import { page } from "./page";
import { sessions } from "./sessions";

/** The source of all texts. */
export const en = { ...page, ...overview, ...sessions };

export type Texts = typeof en;
