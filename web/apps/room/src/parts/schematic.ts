// Where each zone stands on the schematic: zones within their zone, larger the more they hold.
import { hierarchy, stratify, treemap, treemapSquarify } from "d3-hierarchy";
import type { Zone } from "../picture.ts";

export interface Area {
  zone: Zone;
  /** Parts of the whole, 0 to 1. */
  left: number;
  top: number;
  width: number;
  height: number;
  /** Whether other zones lie within it: its own name stands in a strip above them. */
  holds: boolean;
}

interface Node {
  id: string;
  parent: string | null;
  zone: Zone | null;
}

const ROOT = "*"; // no zone is called so
const SMALLEST = 45; // people: a lounge must be seen beside a plenary hall

/** The areas on a ground of so many pixels; `strip`: how high a name is, `gap`: what lies between two areas. */
export function areas(zones: readonly Zone[], width: number, height: number, strip: number, gap: number): Area[] {
  if (!zones.length || width <= 0 || height <= 0) return [];
  const nodes = [{ id: ROOT, parent: null, zone: null }, ...within(zones)];
  const tree = stratify<Node>()
    .id((node) => node.id)
    .parentId((node) => node.parent)(nodes);
  // A hall with a stage in it has room of its own beside the stage; the grounds around everything need none.
  const sized = hierarchy(tree).sum((node) => (node.children && node.depth < 2 ? 0 : room(node.data.zone)));
  sized.sort((one, other) => (other.value ?? 0) - (one.value ?? 0));
  const laid = treemap<typeof tree>()
    .tile(treemapSquarify.ratio(1.4))
    .size([width, height])
    .paddingInner(gap)
    .paddingOuter((node) => (node.depth ? gap : 0))
    .paddingTop((node) => (node.depth && node.children ? strip : 0))(sized);
  return laid.descendants().flatMap((node) => {
    const { zone } = node.data.data;
    if (!zone) return [];
    const place = { left: node.x0 / width, top: node.y0 / height };
    const size = { width: (node.x1 - node.x0) / width, height: (node.y1 - node.y0) / height };
    return [{ zone, ...place, ...size, holds: Boolean(node.children) }];
  });
}

// Zones come with how deep they lie, each behind the one around it.
function within(zones: readonly Zone[]): Node[] {
  const around: string[] = [];
  return zones.map((zone) => {
    around.length = Math.min(zone.depth, around.length);
    const parent = around.at(-1) ?? ROOT;
    around.push(zone.zone_id);
    return { id: zone.zone_id, parent, zone };
  });
}

// A hall for two thousand is not drawn forty times as large as a room for fifty: both must be read.
function room(zone: Zone | null): number {
  return Math.max(SMALLEST, zone?.capacity ?? 60) ** 0.55;
}
