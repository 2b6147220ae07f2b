// Owns asking for what is drawn on: the sheet once (from then on the page follows by itself), the ground that never changes.
import { useQuery } from "@tanstack/react-query";
import { type Board, type Finding, fetchSheet, fetchSheetFindings } from "../../../api/boards";
import { type Atom, type Edges, fetchAtoms, fetchEdges } from "../../../api/grounds";

export interface Given {
  readonly fetched: Board;
  readonly atoms: readonly Atom[];
  readonly edges: Edges;
  readonly findings: readonly Finding[];
}

export function useSheetData(plan: string, part: string): { readonly given: Given | null; readonly error: unknown; readonly retry: () => void } {
  const once = { staleTime: Infinity, gcTime: 0, refetchOnReconnect: false } as const;
  const sheet = useQuery({ queryKey: ["sheet", plan, part, "board"], queryFn: ({ signal }) => fetchSheet(plan, part, signal), ...once });
  const findings = useQuery({ queryKey: ["sheet", plan, part, "findings"], queryFn: ({ signal }) => fetchSheetFindings(plan, part, signal), ...once });
  const basis = sheet.data?.part.basis_id ?? "";
  const atoms = useQuery({ queryKey: ["atoms", basis], queryFn: ({ signal }) => fetchAtoms(basis, signal), enabled: basis !== "", staleTime: Infinity });
  const edges = useQuery({ queryKey: ["edges", basis], queryFn: ({ signal }) => fetchEdges(basis, signal), enabled: basis !== "", staleTime: Infinity });
  const asked = [sheet, findings, atoms, edges];
  const failed = asked.find((one) => one.isError);
  const ready = sheet.data !== undefined && findings.data !== undefined && atoms.data !== undefined && edges.data !== undefined;
  return {
    given: ready ? { fetched: sheet.data, findings: findings.data.items, atoms: atoms.data, edges: edges.data } : null,
    error: failed === undefined ? null : failed.error,
    retry: () => {
      for (const one of asked) if (one.isError) void one.refetch();
    },
  };
}
