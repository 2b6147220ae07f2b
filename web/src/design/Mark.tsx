// Owns the platform's mark: four lines and the one grid among them (the same as favicon.svg, in the colours of the theme).
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect className="mark-ground" width="32" height="32" rx="6" />
      <path className="mark-lines" d="M6 12h20M6 20h20M12 6v20M20 6v20" />
      <rect className="mark-grid" x="12.75" y="12.75" width="6.5" height="6.5" />
    </svg>
  );
}
