// Owns the list of clusters in space and time, numbered as their circles on the map.
import type { Level } from "../../api/city";
import type { Cluster } from "../../api/clusters";
import type { Params } from "../../api/http";
import { useText } from "../../i18n/language";
import { number } from "../../i18n/text";
import { Asked, Method, Row, Rows, Said } from "./parts";
import { useBreakOff, useClusters } from "./queries";
import { chance, span, times } from "./words";

interface Props {
  readonly level: Level;
  readonly asked: Params;
  readonly chosen: number | null;
  readonly onCluster: (item: Cluster, index: number) => void;
}

const METHOD = ["signals.clusters.method", "signals.clusters.assumes", "signals.clusters.misses"] as const;

export function ClustersTab({ level, asked, chosen, onCluster }: Props) {
  const text = useText();
  const query = useClusters(level, asked, true);
  const stop = useBreakOff();
  return (
    <Asked query={query} onStop={() => stop("clusters")}>
      {(found) => (
        <>
          <Said>{found.said[text.lang]}</Said>
          <Rows items={found.items}>
            {(item, index) => (
              <Row
                key={`${item.areas[0]?.id ?? ""}.${item.first}`}
                mark={<span className="number-sign">{index + 1}</span>}
                title={text("signals.clusters.where", { name: item.areas[0]?.names[text.lang] ?? "", n: item.areas.length })}
                figure={times(text, item.ratio)}
                below={`${span(text, item.first, item.last)} · ${text("signals.clusters.seen", { n: item.count, usual: number(text.lang, item.expected, item.expected < 10 ? 1 : 0) })} · ${chance(text, item.p)}`}
                beside={<span className="soft">{item.kinds.map((one) => text("signals.clusters.kind", { name: one.group.names[text.lang], n: one.count })).join("  ")}</span>}
                chosen={index === chosen}
                onChoose={() => onCluster(item, index)}
              />
            )}
          </Rows>
          {found.items.length === 0 ? <p className="finding-note">{text("signals.clusters.none")}</p> : <p className="help">{text("signals.clusters.hint")}</p>}
          <p className="help">{text("signals.clusters.draws", { n: found.draws })}</p>
          <Method keys={METHOD} />
        </>
      )}
    </Asked>
  );
}
