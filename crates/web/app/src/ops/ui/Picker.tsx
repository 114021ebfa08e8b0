import { Icon, type IconName } from "./Icon";
import styles from "./Picker.module.css";

interface PickerProps<T extends string> {
  /** What is chosen. */
  label: string;
  icon: IconName;
  choices: readonly T[];
  names: Record<T, string>;
  chosen: T;
  onChoose: (choice: T) => void;
}

/** One choice of few, as small as a word. */
export function Picker<T extends string>({ label, icon, choices, names, chosen, onChoose }: PickerProps<T>) {
  return (
    <label className={styles.picker}>
      <Icon name={icon} />
      <span className="visually-hidden">{label}</span>
      <select
        value={chosen}
        onChange={(event) => {
          const choice = choices.find((one) => one === event.target.value);
          if (choice !== undefined) onChoose(choice);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {names[choice]}
          </option>
        ))}
      </select>
    </label>
  );
}
