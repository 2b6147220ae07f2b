// Owns the page /plan.
import { TopBar } from "../../shell/TopBar";

export function PlanPage() {
  return (
    <div className="page">
      <TopBar />
      <main className="stage" id="stage" />
    </div>
  );
}
