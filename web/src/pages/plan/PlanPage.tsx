// Owns the page /plan: the list of plans, one plan with its contents, or the editor; what is open stands in the address.
import { lazy, Suspense } from "react";
import type { City } from "../../api/city";
import { Trouble } from "../../design/Trouble";
import { usePlansView } from "../../features/plans/usePlans";
import { useText } from "../../i18n/language";
import { TopBar } from "../../shell/TopBar";
import { useOnline } from "../../state/media";
import { useCity } from "../../state/queries";
import { ListView } from "./ListView";
import { OneView } from "./OneView";
import "../../features/plans/plans.css";
import "./plan-page.css";

const Editor = lazy(async () => ({ default: (await import("./editor/Editor")).Editor }));

export function PlanPage() {
  const text = useText();
  const city = useCity();
  const online = useOnline();
  return (
    <div className="plan-page">
      <a className="skip" href="#stage">
        {text("app.skip")}
      </a>
      <TopBar />
      {online ? null : (
        <p className="notice plan-offline" role="status">
          {text("plans.offline")}
        </p>
      )}
      {city.data === undefined ? (
        <main className="plan-stage" id="stage" aria-busy={city.isPending}>
          {city.isError ? <Trouble error={city.error} onRetry={() => void city.refetch()} /> : <p className="plan-opening">{text("plans.loading")}</p>}
        </main>
      ) : (
        <Opened city={city.data} />
      )}
    </div>
  );
}

function Opened({ city }: { readonly city: City }) {
  const text = useText();
  const [view, change] = usePlansView();
  if (view.plan === null) return <ListView city={city} view={view} change={change} />;
  if (view.edit === null) return <OneView key={view.plan} city={city} id={view.plan} view={view} change={change} />;
  const part = view.edit;
  return (
    <main className="plan-editor" id="stage">
      <Suspense fallback={<p className="plan-opening">{text("plans.loading")}</p>}>
        <Editor
          key={part}
          city={city}
          plan={view.plan}
          part={part}
          at={view.at}
          grids={view.part === part ? view.grids : []}
          onClose={() => change({ edit: null, at: null, rest: "" })}
          onPropose={(grids) => change({ edit: null, at: null, rest: "", show: "propose", part, grids })}
        />
      </Suspense>
    </main>
  );
}
