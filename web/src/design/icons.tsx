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
export const StepIcon = () => <Icon><path d="M4 3v10l7-5zM12.5 3v10" /></Icon>;
export const PlusIcon = () => <Icon><path d="M8 3v10M3 8h10" /></Icon>;
export const MinusIcon = () => <Icon><path d="M3 8h10" /></Icon>;
export const HomeIcon = () => <Icon><path d="M2.5 2.5h4M2.5 2.5v4M13.5 2.5h-4M13.5 2.5v4M2.5 13.5h4M2.5 13.5v-4M13.5 13.5h-4M13.5 13.5v-4" /></Icon>;
export const TargetIcon = () => <Icon><circle cx="8" cy="8" r="4" /><path d="M8 1.5v3M8 11.5v3M1.5 8h3M11.5 8h3" /></Icon>;
export const SlidersIcon = () => <Icon><path d="M2 5h7M13 5h1M2 11h1M7 11h7" /><circle cx="11" cy="5" r="1.75" /><circle cx="5" cy="11" r="1.75" /></Icon>;
export const TableIcon = () => <Icon><path d="M2 3h12v10H2zM2 6.5h12M2 10h12M6.5 6.5V13" /></Icon>;
export const RankIcon = () => <Icon><path d="M2.5 3.5h11M2.5 8h7M2.5 12.5h4" strokeWidth="2" /></Icon>;
export const MapIcon = () => <Icon><path d="m2 4 4-1.5 4 1.5 4-1.5v10L10 14l-4-1.5L2 14zM6 2.5v10M10 4v10" /></Icon>;
export const SunIcon = () => <Icon><circle cx="8" cy="8" r="2.75" /><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1" /></Icon>;
export const MoonIcon = () => <Icon><path d="M13.5 9.5A5.75 5.75 0 0 1 6.5 2.5a5.75 5.75 0 1 0 7 7z" /></Icon>;
export const ChevronIcon = ({ up }: { readonly up: boolean }) => <Icon><path d={up ? "m4 10 4-4 4 4" : "m4 6 4 4 4-4"} /></Icon>;
export const CopyIcon = () => <Icon><path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" /></Icon>;
export const DownloadIcon = () => <Icon><path d="M8 2.5v8M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11" /></Icon>;
export const PersonIcon = () => <Icon><circle cx="8" cy="5" r="2.75" /><path d="M2.75 14a5.25 5.25 0 0 1 10.5 0" /></Icon>;
export const EyeIcon = ({ off }: { readonly off: boolean }) => <Icon><path d="M1.5 8s2.4-4.25 6.5-4.25S14.5 8 14.5 8 12.1 12.25 8 12.25 1.5 8 1.5 8z" /><circle cx="8" cy="8" r="2" />{off ? <path d="m2.5 2.5 11 11" /> : null}</Icon>;
export const CheckIcon = () => <Icon><path d="m3 8.5 3.25 3.25L13 4.5" /></Icon>;
export const FlameIcon = () => <Icon><path d="M8 1.75c.5 2.75 4 4.25 4 8a4 4 0 0 1-8 0c0-1.75.9-2.9 1.9-3.75.1 1.4.6 2 1.3 2.25C6.9 6 7 3.75 8 1.75z" /></Icon>;
export const ScreenIcon = () => <Icon><path d="M1.75 2.75h12.5v8.5H1.75zM5.5 13.75h5" /></Icon>;
export const AlertIcon = () => <Icon><path d="M8 2.25 14.5 13.5h-13zM8 6.75v3M8 11.6v.15" /></Icon>;
export const PrintIcon = () => <Icon><path d="M4.5 6V2h7v4M4.5 11.5H2V6h12v5.5h-2.5M4.5 9.5h7V14h-7z" /></Icon>;
export const HandIcon = () => <Icon><path d="M5.5 8V3.75a1 1 0 0 1 2 0V7m0-4.25a1 1 0 0 1 2 0V7m0-3.25a1 1 0 0 1 2 0V8.5m0-2.5a1 1 0 0 1 2 0v3.5c0 3-1.75 4.75-4.25 4.75-2.25 0-3.25-1-4.25-2.75L2.75 9c-.5-1 .75-1.75 1.5-1L5.5 9.25" /></Icon>;
export const BrushIcon = () => <Icon><path d="M13.75 2.25 7.5 8.5M6 8.25a2.5 2.5 0 0 1 1.75 1.75c0 2.25-1.75 3.75-5.25 3.5 1-.75.9-1.4 1-2.75A2.4 2.4 0 0 1 6 8.25z" /></Icon>;
export const LassoIcon = () => <Icon><path d="M4.25 10.5C2.75 9.75 2 8.5 2 7.25 2 4.75 4.75 3 8 3s6 1.75 6 4.25-2.75 4.25-6 4.25c-.6 0-1.2-.1-1.75-.2" /><circle cx="5" cy="11.25" r="1.25" /><path d="M4.75 12.5c.25 1-.25 1.5-1 1.75" /></Icon>;
export const SplitIcon = () => <Icon><path d="M2.5 3h11v10h-11z" /><path d="m10.5 1.5-5 13" strokeDasharray="2 1.75" /></Icon>;
export const MergeIcon = () => <Icon><path d="M2.5 3.5h11v9h-11zM8 3.5v2M8 10.5v2M4.5 8h2.25M11.5 8H9.25" /><path d="m5.75 6.75 1.25 1.25-1.25 1.25M10.25 6.75 9 8l1.25 1.25" /></Icon>;
export const SlideIcon = () => <Icon><path d="M6.5 2v12" /><path d="M9.5 2v12" strokeDasharray="2 1.75" /><path d="M11.5 8h2.75m-1.25-1.5L14.5 8 13 9.5M1.5 8h2.75" /></Icon>;
export const CornerIcon = () => <Icon><path d="m2 12.5 5-7 7 4" /><circle cx="7" cy="5.25" r="1.75" fill="currentColor" /></Icon>;
export const UndoIcon = () => <Icon><path d="M5.5 3 2.5 6l3 3M2.75 6H9.5a4 4 0 0 1 0 8H6" /></Icon>;
export const RedoIcon = () => <Icon><path d="m10.5 3 3 3-3 3M13.25 6H6.5a4 4 0 0 0 0 8H10" /></Icon>;
export const LockIcon = ({ open = false }: { readonly open?: boolean }) => <Icon><path d="M3.5 7.5h9v6h-9z" /><path d={open ? "M5.5 7.5V5a2.5 2.5 0 0 1 4.75-1" : "M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5"} /></Icon>;
export const KeysIcon = () => <Icon><path d="M1.75 4h12.5v8.5H1.75zM4.25 6.75h.1M6.75 6.75h.1M9.25 6.75h.1M11.75 6.75h.1M5 9.75h6" /></Icon>;
export const BackIcon = () => <Icon><path d="M10 3 5 8l5 5" /></Icon>;
export const LensIcon = () => <Icon><path d="M2 13.5V9M5.5 13.5V6M9 13.5V8.5" /><circle cx="10.75" cy="5" r="2.75" /><path d="m12.75 7 1.75 1.75" /></Icon>;
