// Owns the list of open cases that would lie in another grid: number, grid now, grid then. No person.
import type { Plan } from "../../api/plans";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { useMovingCases } from "./queries";

export function CasesMoving({ plan, drawn }: { readonly plan: Plan; readonly drawn: string }) {
  const text = useText();
  const found = useMovingCases(plan.id, drawn, true);
  if (found.error !== null) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <table className="figures" aria-busy={found.isPending}>
        <caption className="label">{text("plans.preview.list")}</caption>
        <thead>
          <tr>
            <th scope="col">{text("plans.preview.list.number")}</th>
            <th scope="col">{text("plans.preview.list.from")}</th>
            <th scope="col">{text("plans.preview.list.to")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.number}>
              <th scope="row">{row.number}</th>
              <td>{row.before ?? "—"}</td>
              <td>{row.after ?? "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.hasNextPage ? (
        <button type="button" className="button" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {text("plans.preview.list.more")}
        </button>
      ) : null}
    </>
  );
}
