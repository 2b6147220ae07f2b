// Owns a link to another of our pages: followed without loading anew, and still a link (new tab, copy, middle button).
import type { ReactNode } from "react";
import { go } from "../state/place";

interface Props {
  readonly to: string;
  readonly className?: string;
  readonly current?: boolean;
  readonly title?: string;
  readonly children: ReactNode;
}

export function Link({ to, className, current = false, title, children }: Props) {
  return (
    <a
      href={to}
      className={className}
      title={title}
      aria-current={current ? "page" : undefined}
      onClick={(event) => {
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
