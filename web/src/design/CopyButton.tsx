// Owns copying something, and saying that it was copied.
import { useState } from "react";
import { useText } from "../i18n/language";
import { CopyIcon } from "./icons";

const SAID_MS = 1500;

export function CopyButton({ label, what }: { readonly label: string; readonly what: string }) {
  const text = useText();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(what);
    setCopied(true);
    setTimeout(() => setCopied(false), SAID_MS);
  };
  return (
    <>
      <button type="button" className="button plain square small" aria-label={label} onClick={() => void copy().catch(() => setCopied(false))}>
        <CopyIcon />
      </button>
      <span className="copied" role="status">
        {copied ? text("point.copied") : ""}
      </span>
    </>
  );
}
