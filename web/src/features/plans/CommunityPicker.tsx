// Owns choosing communities from a list: found by name or code, all at once or one by one. The map chooses the same ones.
import { useDeferredValue, useId, useState } from "react";
import type { Community } from "../../api/plans";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { matching } from "./below";

interface Props {
  readonly communities: readonly Community[];
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
}

const MOST = 300;

export function CommunityPicker({ communities, chosen, onChosen }: Props) {
  const text = useText();
  const id = useId();
  const [wanted, setWanted] = useState("");
  const question = useDeferredValue(wanted);
  const found = matching(communities, question);
  const turn = (one: string): void => {
    const next = new Set(chosen);
    if (!next.delete(one)) next.add(one);
    onChosen(next);
  };
  return (
    <fieldset className="picker">
      <legend className="label">{text("plans.pick")}</legend>
      <p className="help">{text("plans.new.pick")}</p>
      <div className="picker-tools">
        <input className="input" type="search" aria-label={text("plans.pick.filter")} placeholder={text("plans.pick.filter")} value={wanted} onChange={({ target }) => setWanted(target.value)} />
        <button type="button" className="button" onClick={() => onChosen(new Set([...chosen, ...found.map((one) => one.id)]))}>
          {text("plans.pick.all")}
        </button>
        <button type="button" className="button" disabled={chosen.size === 0} onClick={() => onChosen(new Set())}>
          {text("plans.pick.nothing")}
        </button>
      </div>
      <ul className="picker-list">
        {found.slice(0, MOST).map((one) => (
          <li key={one.id}>
            <label htmlFor={`${id}-${one.id}`}>
              <input id={`${id}-${one.id}`} type="checkbox" checked={chosen.has(one.id)} onChange={() => turn(one.id)} />
              <span className="grow">{one.names[text.lang]}</span>
              <span className="help">{one.households === null ? "" : text("plans.grid.households", { n: number(text.lang, one.households) })}</span>
            </label>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className="help">{text("plans.pick.none")}</p> : null}
      <p className="help" role="status">
        {text("plans.pick.chosen", { n: chosen.size })}
      </p>
    </fieldset>
  );
}
