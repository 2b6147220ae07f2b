// Owns the last resort: a page that throws says so, keeps the draft, and offers to load again.
import { Component, type ReactNode } from "react";
import { useText } from "../i18n/language";

interface Props {
  readonly children: ReactNode;
}

export class Boundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const text = useText();
  return (
    <main className="alone" role="alert">
      <h1>{text("app.crashed")}</h1>
      <p>{text("app.crashed.kept")}</p>
      <button type="button" className="button primary" onClick={() => location.reload()}>
        {text("app.reload")}
      </button>
    </main>
  );
}
