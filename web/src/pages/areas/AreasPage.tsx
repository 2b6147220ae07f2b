// Owns the page /areas.
import { TopBar } from "../../shell/TopBar";

export function AreasPage() {
  return (
    <div className="page">
      <TopBar />
      <main className="stage" id="stage" />
    </div>
  );
}
