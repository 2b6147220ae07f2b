// Owns the few icons: one stroke, 16 px, decoration only (the control carries the words).
import type { ReactNode } from "react";

function Icon({ children }: { readonly children: ReactNode }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export const SearchIcon = () => <Icon><circle cx="7" cy="7" r="4.25" /><path d="m10.25 10.25 3.5 3.5" /></Icon>;
export const CloseIcon = () => <Icon><path d="m4 4 8 8M12 4l-8 8" /></Icon>;
export const PlayIcon = () => <Icon><path d="M5 3.5v9l7-4.5z" fill="currentColor" /></Icon>;
export const PauseIcon = () => <Icon><path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2.5" /></Icon>;
export const PlusIcon = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const MinusIcon = () => <Icon><path d="M3 8h10" /></Icon>;
export const HomeIcon = () => <Icon><path d="M2.5 2.5h4M2.5 2.5v4M13.5 2.5h-4M13.5 2.5v4M2.5 13.5h4M2.5 13.5v-4M13.5 13.5h-4M13.5 13.5v-4" /></Icon>;
export const TargetIcon = () => <Icon><circle cx="8" cy="8" r="4" /><path d="M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3" /></Icon>;
export const SlidersIcon = () => <Icon><path d="M2 5h7M13 5h1M2 11h1M7 11h7" /><circle cx="11" cy="5" r="1.75" /><circle cx="5" cy="11" r="1.75" /></Icon>;
export const TableIcon = () => <Icon><path d="M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 6.5V13" /></Icon>;
export const MapIcon = () => <Icon><path d="m2 4 4-1.5 4 1.5 4-1.5v10L10 14l-4-1.5L2 14zM6 2.5v10M10 4v10" /></Icon>;
export const SunIcon = () => <Icon><circle cx="8" cy="8" r="2.75" /><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1" /></Icon>;
export const MoonIcon = () => <Icon><path d="M13.5 9.5A5.75 5.75 0 0 1 6.5 2.5a5.75 5.75 0 1 0 7 7z" /></Icon>;
export const ChevronIcon = ({ up }: { readonly up: boolean }) => <Icon><path d={up ? "m4 10 4-4 4 4" : "m4 6 4 4 4-4"} /></Icon>;
export const CopyIcon = () => <Icon><path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" /></Icon>;
export const DownloadIcon = () => <Icon><path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11" /></Icon>;
export const PersonIcon = () => <Icon><circle cx="8" cy="5" r="2.75" /><path d="M2.75 14a5.25 5.25 0 0 1 10.5 0" /></Icon>;
export const EyeIcon = ({ off }: { readonly off: boolean }) => <Icon><path d="M1.5 8s2.4-4.25 6.5-4.25S14.5 8 14.5 8 12.1 12.25 8 12.25 1.5 8 1.5 8z" /><circle cx="8" cy="8" r="2" />{off ? <path d="m2.5 2.5 11 11" /> : null}</Icon>;
export const CheckIcon = () => <Icon><path d="m3 8.5 3.25 3.25L13 4.5" /></Icon>;
