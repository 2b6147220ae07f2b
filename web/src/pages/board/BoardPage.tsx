// Owns the page /board.
import { TopBar } from "../../shell/TopBar";

export function BoardPage() {
  return (
    <div className="page">
      <TopBar />
      <main className="stage" id="stage" />
    </div>
  );
}
