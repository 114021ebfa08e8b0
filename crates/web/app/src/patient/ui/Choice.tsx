import { useId } from "react";
import styles from "./Choice.module.css";
import { Icon, type IconName } from "./Icon";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; lang?: string; icon?: IconName }[];
  onChoose: (value: T) => void;
}

/** One of few, all of them seen. */
export function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const name = useId();
  return (
    <fieldset className={styles.choice}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} lang={option.lang}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span title={option.icon && option.label}>
            {option.icon && <Icon name={option.icon} size={20} />}
            <b className={option.icon && "visually-hidden"}>{option.label}</b>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
