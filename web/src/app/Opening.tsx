// Owns what stands there while a page is on its way.
import { useText } from "../i18n/language";

export function Opening() {
  const text = useText();
  return (
    <main className="alone" aria-busy="true">
      <p>{text("app.loading")}</p>
    </main>
  );
}
