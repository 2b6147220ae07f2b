// Owns a button that drops a small panel: for choices that need more room than a bar has. Escape and a press elsewhere put it away.
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { ChevronIcon } from "./icons";
import "./drop.css";

interface Props {
  readonly label: string;
  /** What is chosen now. */
  readonly summary: string;
  /** Something else than the usual is chosen. */
  readonly active?: boolean;
  readonly children: ReactNode;
}

export function Drop({ label, summary, active = false, children }: Props) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const away = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) setOpen(false);
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [open]);
  return (
    <div
      className="drop"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button type="button" ref={button} className="button drop-head" data-active={active} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <span className="drop-label">{label}</span>
        <span className="drop-summary">{summary}</span>
        <ChevronIcon up={open} />
      </button>
      <div id={id} className="drop-body" role="group" aria-label={label} hidden={!open}>
        {open ? children : null}
      </div>
    </div>
  );
}

interface ChecksProps {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Any of several, in the order in which they stand; none = all. */
export function Checks({ choices, chosen, onChange }: ChecksProps) {
  const toggle = (value: string): void => {
    const next = chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value];
    onChange(choices.map((one) => one.value).filter((one) => next.includes(one)));
  };
  return (
    <ul className="checks">
      {choices.map(({ value, label }) => (
        <li key={value}>
          <label>
            <input type="checkbox" checked={chosen.includes(value)} onChange={() => toggle(value)} />
            {label}
          </label>
        </li>
      ))}
    </ul>
  );
}

interface PickProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  /** Shows the label beside the choice. */
  readonly named?: boolean;
}

/** One of several, in one line. */
export function Pick<T extends string>({ label, value, choices, onChange, named = false }: PickProps<T>) {
  return (
    <label className="pick">
      <span className={named ? "drop-label" : "visually-hidden"}>{label}</span>
      <select
        className="input"
        value={value}
        onChange={(event) => {
          const found = choices.find((one) => one.value === event.target.value);
          if (found !== undefined) onChange(found.value);
        }}
      >
        {choices.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
    </label>
  );
}
