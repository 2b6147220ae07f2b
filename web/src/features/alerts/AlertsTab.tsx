// Owns the list of areas above a threshold, and the rules: making one of the present view, changing, deleting, and taking that back.
import { useMutation, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { again, type AlertRule, type Alerts, changeRule, makeRule, type NewRule, removeRule, type Standing } from "../../api/alerts";
import type { City } from "../../api/city";
import { AlertIcon } from "../../design/icons";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { instantText } from "../../i18n/text";
import { useCategories } from "../../state/queries";
import { useMay } from "../../state/session";
import { Asked, Row, Rows, Said } from "../hotspots/parts";
import { RuleForm } from "./RuleForm";
import { useRules } from "./standing";
import { alertMeasureWord, called, ruleWords, written } from "./words";

export type Proposal = Omit<NewRule, "id" | "names" | "days" | "threshold">;

interface Props {
  readonly city: City;
  /** What a new rule would be about: what the board shows. */
  readonly proposal: Proposal;
  readonly query: UseQueryResult<Alerts>;
  readonly onStanding: (item: Standing) => void;
}

export function AlertsTab({ city, proposal, query, onStanding }: Props) {
  const text = useText();
  const rules = useRules();
  return (
    <>
      <Asked query={query} onStop={() => undefined}>
        {({ items, total, as_of }) => (
          <>
            <Said>{items.length === 0 ? text("signals.alerts.none") : text("signals.alerts.stands", { n: total, at: instantText(text.lang, as_of, city.timezone) })}</Said>
            <Rows items={items}>
              {(item) => (
                <Row
                  key={`${item.rule}.${item.area_id}`}
                  mark={
                    <span className="alert-sign">
                      <AlertIcon />
                    </span>
                  }
                  title={item.area_names[text.lang]}
                  figure={text("signals.alerts.value", { value: written(text, item.value), threshold: written(text, item.threshold) })}
                  below={`${called(text, item.names, text("signals.alerts.short", { measure: alertMeasureWord(text, item.measure), n: item.days }))} · ${text("signals.alerts.since", { at: instantText(text.lang, item.since, city.timezone) })}`}
                  chosen={false}
                  onChoose={() => onStanding(item)}
                />
              )}
            </Rows>
          </>
        )}
      </Asked>
      <Rules rules={rules} proposal={proposal} />
    </>
  );
}

function Rules({ rules, proposal }: { readonly rules: UseQueryResult<AlertRule[]>; readonly proposal: Proposal }) {
  const text = useText();
  const client = useQueryClient();
  const edits = useMay()("alerts.edit");
  const [editing, setEditing] = useState<string | null>(null);
  const [removed, setRemoved] = useState<AlertRule | null>(null);
  const renew = (): void => void client.invalidateQueries({ queryKey: ["alerts"] });
  const make = useMutation({ mutationFn: makeRule, onSuccess: renew });
  const alter = useMutation({ mutationFn: ({ of, to }: { of: AlertRule; to: Pick<NewRule, "names" | "days" | "threshold"> }) => changeRule(of, to), onSuccess: renew });
  const remove = useMutation({ mutationFn: removeRule, onSuccess: renew });
  const failed = make.error ?? alter.error ?? remove.error;
  const close = (): void => setEditing(null);
  return (
    <section>
      <h3>{text("signals.alerts.rules")}</h3>
      {rules.error === null ? null : <Trouble error={rules.error} onRetry={() => void rules.refetch()} />}
      {rules.data?.length === 0 && editing === null ? <p className="help">{text("signals.alerts.norules")}</p> : null}
      <ul className="rules">
        {(rules.data ?? []).map((rule) => (
          <li key={rule.id} className="rule">
            <div>
              <strong>{called(text, rule.names, ruleWords(text, rule))}</strong>
              <RuleWords rule={rule} />
            </div>
            {edits && rule.mine ? (
              <span className="actions">
                <button type="button" className="button plain" aria-expanded={editing === rule.id} onClick={() => setEditing(editing === rule.id ? null : rule.id)}>
                  {text("signals.alerts.edit")}
                </button>
                <button type="button" className="button plain" disabled={remove.isPending} onClick={() => remove.mutate(rule, { onSuccess: () => setRemoved(rule) })}>
                  {text("signals.alerts.remove")}
                </button>
              </span>
            ) : null}
            {editing === rule.id ? (
              <RuleForm
                level={rule.by}
                measure={rule.measure}
                start={{ name: rule.names[text.lang], days: rule.days, threshold: rule.threshold }}
                busy={alter.isPending}
                onCancel={close}
                onSave={({ name, days, threshold }) => alter.mutate({ of: rule, to: { names: { zh: name, en: name }, days, threshold } }, { onSuccess: close })}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {removed === null ? null : (
        <div className="undo-bar" role="status">
          <span>{text("signals.alerts.removed", { name: called(text, removed.names, ruleWords(text, removed)) })}</span>
          <button type="button" className="button" disabled={make.isPending} onClick={() => make.mutate(again(removed, crypto.randomUUID()), { onSuccess: () => setRemoved(null) })}>
            {text("signals.alerts.undo")}
          </button>
        </div>
      )}
      {failed === null ? null : <Trouble error={failed} title={text("signals.alerts.failed")} />}
      {!edits || editing !== null ? null : (
        <button type="button" className="button" onClick={() => setEditing(FRESH)}>
          {text("signals.alerts.new")}
        </button>
      )}
      {editing === FRESH ? (
        <RuleForm
          level={proposal.by}
          measure={proposal.measure}
          start={{ name: "", days: USUAL.days, threshold: USUAL.threshold }}
          busy={make.isPending}
          onCancel={close}
          onSave={({ name, days, threshold }) => make.mutate({ ...proposal, id: crypto.randomUUID(), names: { zh: name, en: name }, days, threshold }, { onSuccess: close })}
        />
      ) : null}
    </section>
  );
}

const FRESH = "new";
const USUAL = { days: 7, threshold: 20 } as const;

function RuleWords({ rule }: { readonly rule: AlertRule }) {
  const text = useText();
  const categories = useCategories().data ?? [];
  const names = rule.category.map((code) => categories.find((one) => one.code === code)?.names[text.lang] ?? code);
  return (
    <p className="help">
      {rule.names[text.lang].trim() === "" ? null : `${ruleWords(text, rule)} · `}
      {text("signals.alerts.filters", { filters: names.length === 0 ? text("signals.alerts.filters.none") : names.join(text.lang === "zh" ? "、" : ", ") })}
    </p>
  );
}
