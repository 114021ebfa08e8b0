import { useEffect, useRef } from "react";
import styles from "./PageTitle.module.css";

interface PageTitleProps {
  title: string;
  /** Heard, but not seen: the page shows where it is in another way. */
  hidden?: boolean;
}

/** The page has been left for another: its title gets the focus, so that reading goes on there. */
let arrived = false;

/** The heading of a page, and its title in the browser. */
export function PageTitle({ title, hidden = false }: PageTitleProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Bedside`;
  }, [title]);
  useEffect(() => {
    if (arrived) heading.current?.focus({ preventScroll: true });
    arrived = true;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} className={hidden ? "visually-hidden" : styles.title}>
      {title}
    </h1>
  );
}
