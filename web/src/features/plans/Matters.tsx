// Owns matters of bodies that cease: each is given to an agency or an office before the plan can be submitted.
import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useId, useState } from "react";
import { type OpenMatter, putMatters } from "../../api/effects";
import type { Plan } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { useMatters, useRefresh } from "./queries";

interface Props {
  readonly plan: Plan;
  readonly open: readonly OpenMatter[];
  readonly mayEdit: boolean;
}

const keyOf = (one: OpenMatter): string => `${one.list}\n${one.item}`;

export function Matters({ plan, open, mayEdit }: Props) {
  const text = useText();
  const id = useId();
  const refresh = useRefresh();
  const known = useMatters(plan.id, open.length > 0);
  const [leads, setLeads] = useState<ReadonlyMap<string, string>>(new Map());
  const saving = useMutation({
    mutationFn: () => {
      const given = open.flatMap((one) => {
        const lead = leads.get(keyOf(one))?.trim() ?? "";
        return lead === "" ? [] : [{ list: one.list, item: one.item, lead, note: "" }];
      });
      return putMatters(plan.id, [...(known.data ?? []), ...given]);
    },
    onSuccess: refresh,
  });
  if (open.length === 0) return null;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="notice matters" onSubmit={submit}>
      <strong>{text("plans.preview.matters", { n: open.length })}</strong>
      <ul>
        {open.map((one, index) => (
          <li key={keyOf(one)}>
            <label htmlFor={`${id}-${index}`}>{one[text.lang]}</label>
            {mayEdit ? (
              <input
                id={`${id}-${index}`}
                className="input"
                placeholder={text("plans.preview.matters.hint", { district: "@district", community: "@community" })}
                aria-label={`${text("plans.preview.matters.lead")}: ${one[text.lang]}`}
                value={leads.get(keyOf(one)) ?? ""}
                onChange={({ target }) => setLeads(new Map([...leads, [keyOf(one), target.value]]))}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {saving.error === null ? null : <Trouble error={saving.error} title={text("plans.preview.matters.failed")} />}
      {mayEdit ? (
        <button type="submit" className="button" disabled={saving.isPending || known.data === undefined}>
          {text("plans.preview.matters.save")}
        </button>
      ) : null}
    </form>
  );
}
