// Owns one text field with a list of suggestions (WAI-ARIA combobox with list autocomplete): arrows, Enter, Escape, pointer.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { CloseIcon } from "./icons";

export interface Option {
  readonly key: string;
  readonly content: ReactNode;
  readonly className?: string;
}

interface Props {
  readonly label: string;
  /** Hides the label from the eye, never from a screen reader. */
  readonly bare?: boolean;
  readonly placeholder: string;
  /** What stands in the field while nothing is being typed. */
  readonly value: string;
  readonly query: string | null;
  readonly onQuery: (query: string | null) => void;
  readonly options: readonly Option[];
  readonly onChoose: (key: string) => void;
  readonly onClear?: (() => void) | undefined;
  readonly clearLabel: string;
  /** Shown in place of, or under, the options: nothing found, busy, failed. */
  readonly message?: ReactNode;
  readonly icon?: ReactNode;
  readonly invalid?: boolean;
  readonly describedBy?: string | undefined;
}

export function Combobox(props: Props) {
  const { query, onQuery, options, onChoose } = props;
  const id = useId();
  const [active, setActive] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const open = query !== null && (options.length > 0 || props.message !== undefined);
  const at = Math.min(active, options.length - 1);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (key: string): void => {
    onChoose(key);
    onQuery(null);
  };
  const move = (to: number): void => setActive(Math.max(0, Math.min(to, options.length - 1)));

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const option = options[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (query === null) onQuery("");
      else move(event.key === "ArrowDown" ? at + 1 : at - 1);
    } else if (event.key === "Enter" && open && option !== undefined) {
      event.preventDefault();
      choose(option.key);
    } else if (event.key === "Escape" && query !== null) {
      event.stopPropagation();
      onQuery(null);
    }
  };

  return (
    <div className="field">
      <label htmlFor={id} className={props.bare === true ? "visually-hidden" : "label"}>
        {props.label}
      </label>
      <div className="combobox">
        <input
          id={id}
          ref={input}
          className="input"
          type="text"
          role="combobox"
          autoComplete="off"
          spellCheck={false}
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={open && at >= 0 ? `${id}-${at}` : undefined}
          aria-invalid={props.invalid === true ? true : undefined}
          aria-describedby={props.describedBy}
          placeholder={props.placeholder}
          value={query ?? props.value}
          onChange={(event) => {
            setActive(0);
            onQuery(event.target.value);
          }}
          onFocus={(event) => event.target.select()}
          onClick={() => {
            if (query === null) onQuery("");
          }}
          onBlur={() => onQuery(null)}
          onKeyDown={onKeyDown}
        />
        {props.onClear === undefined ? (
          <span className="icon">{props.icon}</span>
        ) : (
          <button
            type="button"
            className="button square clear"
            aria-label={props.clearLabel}
            onClick={() => {
              props.onClear?.();
              input.current?.focus();
            }}
          >
            <CloseIcon />
          </button>
        )}
        <ul id={`${id}-list`} ref={list} className="options" role="listbox" aria-label={props.label} hidden={!open}>
          {options.map((option, index) => (
            <li
              key={option.key}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              className={option.className}
              onPointerMove={() => setActive(index)}
              // The field keeps the focus: a blur would close the list before the click arrives.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(option.key)}
            >
              {option.content}
            </li>
          ))}
          {props.message === undefined ? null : (
            <li role="option" aria-selected="false" aria-disabled="true" className="message">
              {props.message}
            </li>
          )}
        </ul>
      </div>
    </div>
  );
}
