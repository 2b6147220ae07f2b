// Owns one grid's households as a bar from nought, with the band that it should end in.
import { useText } from "../../../i18n/language";
import { number } from "../../../i18n/text";

const WIDE = 64;
const TALL = 12;

export function Band({ households, least, most }: { readonly households: number; readonly least: number; readonly most: number }) {
  const { lang } = useText();
  const end = Math.max(most * 1.5, 1);
  const x = (value: number): number => Math.min(WIDE, (value / end) * WIDE);
  const within = least <= households && households <= most;
  return (
    <span className="editor-band" data-within={within}>
      <svg width={WIDE} height={TALL} aria-hidden="true">
        <rect className="band" x={x(least)} y="0" width={Math.max(1, x(most) - x(least))} height={TALL} />
        <rect className="bar" x="0" y="3" width={x(households)} height={TALL - 6} />
        {households > end ? <path className="bar" d={`M${String(WIDE - 4)} 1 ${String(WIDE)} ${String(TALL / 2)} ${String(WIDE - 4)} ${String(TALL - 1)}z`} /> : null}
      </svg>
      <span className="editor-count">{number(lang, households)}</span>
    </span>
  );
}
