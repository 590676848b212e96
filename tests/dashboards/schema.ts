// What our dashboards may consist of, by Grafana's own types: `Dashboard` leaves the options of panels open, the types of
// the panels that we use close them.
import type { Dashboard as GrafanaDashboard, FieldConfig, FieldConfigSource, Panel, RowPanel } from "@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen";
import type * as heatmap from "@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen";
import type * as stat from "@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen";
import type * as stateTimeline from "@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen";
import type * as table from "@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen";
import type * as timeseries from "@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen";

/** Queries as the data sources understand them; their packages publish no types of them. */
interface PrometheusQuery {
  refId: string;
  datasource: { type: "prometheus"; uid: "${prometheus}" };
  expr: string;
  editorMode: "code";
  legendFormat: string;
  instant: boolean;
  range: boolean;
  format?: "heatmap" | "table";
}
interface JaegerSearch {
  refId: string;
  datasource: { type: "jaeger"; uid: "${jaeger}" };
  queryType: "search";
  service: string;
  operation: string;
  tags?: string;
  limit: number;
}
interface JaegerTrace {
  refId: string;
  datasource: { type: "jaeger"; uid: "${jaeger}" };
  query: string;
}

/** A panel that says what it is about, and what it means when it is empty. */
interface Described<Type extends string, Query, Options, Custom>
  extends Omit<Panel, "type" | "options" | "fieldConfig" | "targets" | "title" | "description"> {
  type: Type;
  title: string;
  /** @minLength 20 */
  description: string;
  /** @minItems 1 */
  targets: Query[];
  options: Options;
  fieldConfig: Omit<FieldConfigSource, "defaults"> & {
    defaults: Omit<FieldConfig, "custom" | "noValue"> & { noValue: string; custom?: Custom };
  };
}

/** @discriminator type */
type OurPanel =
  | Described<"stat", PrometheusQuery, stat.Options, never>
  | Described<"timeseries", PrometheusQuery, timeseries.Options, timeseries.FieldConfig>
  | Described<"heatmap", PrometheusQuery, heatmap.Options, heatmap.FieldConfig>
  | Described<"state-timeline", PrometheusQuery, stateTimeline.Options, stateTimeline.FieldConfig>
  | Described<"table", PrometheusQuery | JaegerSearch, table.Options, table.FieldConfig>
  | Described<"traces", JaegerTrace, Record<string, never>, never>
  | (Omit<RowPanel, "panels"> & { panels: never[] });

export interface Dashboard extends Omit<GrafanaDashboard, "panels" | "schemaVersion" | "uid" | "title"> {
  uid: string;
  title: string;
  schemaVersion: 42;
  panels: OurPanel[];
}
