import type { ComponentProps } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";

interface ButtonProps extends ComponentProps<"button"> {
  /** `primary` is what most people want here; `danger` cannot be undone; `quiet` is at hand and does not ask. */
  kind?: "plain" | "primary" | "danger" | "quiet";
  icon?: IconName;
}

export function Button({ kind = "plain", icon, className, children, ...rest }: ButtonProps) {
  const classes = [styles.button, styles[kind], className].filter(Boolean).join(" ");
  return (
    <button type="button" className={classes} {...rest}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
