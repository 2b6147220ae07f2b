// Owns the page /board: brings view, data and parts together. What each part says is its feature's own.
import { useGround } from "../../features/analytics/queries";
import { useSession } from "../../state/session";
import { useCity, useOutlines } from "../../state/queries";
import { Trouble } from "../../design/Trouble";
import { useText } from "../../i18n/language";
import { TopBar } from "../../shell/TopBar";
import { BoardStage } from "./BoardStage";
import { useBoardView } from "./useBoard";
import { useForeseen } from "./useBoardData";
import "../map/map-page.css";
import "./board.css";

export function BoardPage() {
  const text = useText();
  const city = useCity();
  const { post } = useSession();
  const [view] = useBoardView();
  useOutlines(view.level);
  useForeseen(view);
  const home = useGround(post?.place.kind === "area" && post.place.in_force ? post.place.id : null);
  if (city.data !== undefined && !home.isLoading) return <BoardStage city={city.data} home={home.data ?? null} />;
  return (
    <div className="page board">
      <TopBar />
      <main className="stage" id="stage" aria-busy={city.isPending || home.isLoading}>
        {city.isError ? <Trouble error={city.error} onRetry={() => void city.refetch()} /> : <p className="opening">{text("app.loading")}</p>}
      </main>
    </div>
  );
}
