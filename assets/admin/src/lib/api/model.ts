import type { JsonSchema } from "@/lib/schema/json-schema";
import type { components } from "./schema.gen";

/** The types of the API document. The types below are derived from it, so that they cannot contradict it. */
type Schemas = components["schemas"];

/**
 * The type of a response: the document marks as optional what may be null or has a default, but responses omit only
 * `Absent`.
 */
type Answered<T, Absent extends keyof T = never> = Required<Omit<T, Absent>> & Pick<T, Absent>;

/** With some fields narrowed beyond the document. */
type Refined<T, R extends { [K in keyof R]: K extends keyof T ? T[K] : never }> = Omit<T, keyof R> & R;

export type JsonObject = Record<string, unknown>;

/** Fields that every stored record has. Times are RFC 3339, UTC, with milliseconds. */
export type Base = Pick<
  Schemas["Role"],
  "id" | "name" | "description" | "createdAt" | "updatedAt" | "createdBy" | "version"
>;

/** A list that is returned as a whole. */
export interface Items<T> {
  items: T[];
}

/** One page of a long list. */
export type Page<T> = Items<T> & Omit<Schemas["RoleList"], "items">;

export type ErrorBody = Schemas["ErrorBody"];
export type ErrorDetail = Schemas["FieldError"];
export type ConflictDetail = Answered<Schemas["RowConflict"]>;
/** An error of an external system: `position` is the 1-based character in the query's text. */
export type ErrorSource = Schemas["SourceError"];

/** Of the whole server, for its admin. */
export type InstanceState = Answered<Schemas["InstanceState"]>;
export type InstanceAccount = Schemas["InstanceAccount"];
export type DashboardRestorationResult = Answered<Schemas["DashboardRestorationResult"]>;
export type Setup = Refined<Schemas["InstanceSetup"], { signup: "open" | "invite" | "closed" }>;
export type User = Schemas["UserProfile"];
export type Session = Schemas["SessionBody"];
export type Membership = Schemas["TenantMembership"];
export type Me = Schemas["CurrentUser"];
export type UserConfig = Schemas["UserConfig"]["config"] & {
  checklistHidden?: boolean;
  favoriteDashboards?: string[];
};

export type Tenant = Schemas["Tenant"];
export type TenantDetail = Refined<
  Schemas["TenantDetail"],
  {
    counts: Record<
      "datasource" | "file" | "variable" | "dataquery" | "widget" | "dashboard" | "workflow" | "member",
      number
    >;
  }
>;
export type TenantPatch = Schemas["TenantPatch"];
export type UsageItem = Answered<Schemas["UsageItem"]>;
export type TenantUsage = Items<UsageItem>;

/** A record that uses another one. */
export type RecordUse = Schemas["Use"];
/** What uses a record. Of what the caller may not see, and beyond the first hundreds, there is only the number. */
export type Uses = Schemas["Uses"];
/** A deleted record that can be restored until `expiresAt`. */
export type TrashItem = Schemas["TrashItem"];

export type Member = Schemas["Member"];
export type Invitation = Schemas["Invitation"];
export type InvitationDraft = Schemas["InvitationDraft"];
/** With the one-time link, which only the response to its creation contains. */
export type NewInvitation = Schemas["NewInvitation"];

export type ApiKey = Schemas["ApiKey"];
export type ApiKeyDraft = Schemas["ApiKeyDraft"];
/** With the key itself, which only the response to its creation contains. */
export type NewApiKey = Schemas["NewApiKey"];

export type Role = Schemas["Role"];
export type RoleDraft = Answered<Schemas["RoleDraft"], "description">;

export type AuditEntry = Schemas["AuditEntry"];
export type Version = Schemas["VersionEntry"];
/** A version with its content: what it has besides name and description is in `spec`. */
export type VersionDetail = Schemas["VersionDetail"];

export type DatasourceType = Refined<
  Schemas["DatasourceType"],
  { type: Schemas["DatasourceDraft"]["type"]; optionsSchema: JsonSchema; queryOptionsSchema: JsonSchema }
>;
export type Datasource = Schemas["Datasource"];
export type DatasourceDraft = Answered<Schemas["DatasourceDraft"], "description">;
export type File = Schemas["StoredFile"];
export type FileDraft = Pick<Base, "name" | "description">;
export type Variable = Answered<Schemas["Variable"]>;
export type VariableDraft = Answered<Schemas["VariableDraft"], "description" | "value" | "secret">;
export type DatasourceTest = Schemas["TestReport"];
/** What a file datasource would read. */
export type FilePreview = Answered<Omit<Schemas["FilePreview"], "tables" | "findings">> & {
  tables: FilePreviewTable[];
  findings: FileFinding[];
};
export type FilePreviewTable = Answered<Omit<Schemas["FilePreviewTable"], "columns">> & {
  columns: FilePreviewColumn[];
};
export type FilePreviewColumn = Answered<Schemas["FilePreviewColumn"]>;
export type FileFinding = Schemas["FilePreviewFinding"];
/** The type that a datasource's options give a column. */
export interface FileColumnChoice {
  name: string;
  type: FilePreviewColumn["type"];
}
export type SchemaTable = Schemas["DatabaseTable"];
export type TableAppDraft = Schemas["TableAppDraft"];
/** A table that is created from a file. */
export type FileTableDraft = Schemas["FileTableDraft"];
export type FileTable = Schemas["FileTable"];
export type ImportType = Schemas["ImportType"];

export type ParameterType = Schemas["ParameterType"];
export type Parameter = Answered<Schemas["ParameterDefinition"], "allowed">;
export type DataQuery = Refined<Schemas["DataQuery"], { parameters: Parameter[] }>;
export type DataQueryDraft = Refined<
  Answered<Schemas["DataQueryDraft"], "description" | "dashboardID" | "effect" | "tags">,
  { parameters: Parameter[] }
>;

export type Column = Schemas["ResultColumn"];
/** What a query declares about a column of its results. */
export type QueryColumn = Schemas["QueryColumn"];
export type QueryResult = Schemas["QueryResult"];
export type QueryMode = Schemas["QueryMode"];
type QuerySlice = Schemas["QuerySlice"];
/** How a query is run: by default with all rows. */
export interface QueryAsk {
  parameters: JsonObject;
  /** Parameters that are null instead of their default. */
  nulls?: string[];
  mode?: QueryMode;
  slice?: QuerySlice | null;
  /** Whether the server refuses it if it changes data. */
  mustRead?: boolean;
}
/** Whether a query changes data, and whether that is certain. */
export type QueryEffect = Schemas["EffectReport"];
export type ExportFormat = Schemas["ExportFormat"];
export type QueryRun = Refined<
  Schemas["QueryRun"],
  Pick<QueryResult, "cache"> & { mode: QueryMode | "export" }
>;

type DataKind = "table" | "grid" | "number" | "list" | "keyValue" | "timeline" | "json";
type ChartKind = "bar" | "line" | "area" | "pie" | "scatter" | "heatmap" | "gauge" | "funnel" | "map";
type ActionKind = "button" | "form" | "workflowRuns";
type InputKind = "textInput" | "numberInput" | "selectInput" | "dateInput" | "dateRange";
export type WidgetKind = DataKind | ChartKind | "text" | "html" | "image" | ActionKind | InputKind;
export type WidgetType = Refined<Schemas["WidgetType"], { type: WidgetKind; configSchema: JsonSchema }>;
export type Widget = Refined<Schemas["Widget"], { type: WidgetKind }>;
export type WidgetDraft = Refined<
  Answered<Schemas["WidgetDraft"], "description" | "dashboardID" | "tags">,
  { type: WidgetKind }
>;

/** A dashboard with what is saved together with it. */
export type DashboardContents = Schemas["DashboardContents"];
export type SavedContents = { dashboard: Dashboard; widgets: Widget[]; queries: DataQuery[] };
export type UsesOfOne = Schemas["UsesOfOne"];
export type DashboardItem = Schemas["DashboardItem"];
export type DashboardTab = Schemas["DashboardTab"];
export type LayoutItem = Schemas["LayoutCell"];
export type DashboardVariable = Answered<Schemas["DashboardVariable"], "label" | "source" | "hidden">;
type Arranged = { variables: DashboardVariable[] };
/** The response to a GET also contains the widgets of its items, which the document omits. */
export type Dashboard = Refined<Answered<Schemas["Dashboard"], "timeZone" | "tags">, Arranged> & {
  widgets?: Widget[];
};
export type DashboardDraft = Refined<
  Answered<Schemas["DashboardDraft"], "description" | "timeZone" | "tags">,
  Arranged
>;
/** The data that the widgets of a dashboard get. */
export type DashboardAsk = Schemas["DashboardDataRequest"];
export type DashboardAction = Schemas["DashboardAction"];
export type DashboardActionResult = Schemas["DashboardActionResult"];
export type DashboardChanges = Schemas["DashboardChanges"];
export type DashboardChangesResult = Schemas["DashboardChangesResult"];
/** The part of a dashboard that people with a share link see. */
export type SharedDashboard = Schemas["SharedDashboard"];
/** An exported dashboard, and what it contains and needs. */
export type WorkflowFile = Schemas["WorkflowFile"];
export type DashboardFile = Schemas["DashboardFile"];
export type DashboardFileSummary = Schemas["DashboardFileSummary"];
export type Share = Schemas["ShareLink"];
export type ShareDraft = Schemas["ShareLinkDraft"];
export type AccessLevel = Schemas["AccessLevel"];
export type AccessReport = Schemas["AccessReport"];
export type AccessGrant = Schemas["AccessGrant"];
export type AccessSettings = Schemas["AccessSettings"];
export type RestrictedDashboard = Schemas["RestrictedDashboard"];
export type NewLink = Schemas["NewShareLink"];
export type Breakpoint = keyof Dashboard["layouts"];

export type NodeType = Refined<
  Schemas["NodeType"],
  { configSchema: JsonSchema; dynamicHandles: "branches" | "cases" | null }
>;
export type NodeSettings = Schemas["NodeSettings"];
export type WorkflowNode = Answered<
  Schemas["WorkflowNode"],
  "title" | "parentID" | "settings" | "pinnedOutput" | "notes"
>;
export type WorkflowEdge = Schemas["WorkflowEdge"];
/** The editor adds hints: what a new step still needs, before anything has been entered or checked. */
export type Problem = Omit<Schemas["WorkflowProblem"], "severity"> & {
  severity: Schemas["WorkflowProblemSeverity"] | "hint";
};
export type TriggerType = Refined<
  Schemas["TriggerType"],
  { type: WorkflowTrigger["type"]; configSchema: JsonSchema }
>;
/** What starts runs. Responses contain every field, drafts only what differs from the defaults. */
export type WorkflowTrigger = Schemas["WorkflowTrigger"];
export type TriggerState = Schemas["TriggerState"];
export type CronPreview = Schemas["CronPreview"];
type Graphed = { nodes: WorkflowNode[]; edges: WorkflowEdge[]; inputs: Parameter[] };
export type Workflow = Refined<Schemas["Workflow"], Graphed>;
export type WorkflowDraft = Refined<Answered<Schemas["WorkflowDraft"], "description" | "tags">, Graphed>;

export type RunStatus = Schemas["InstanceStatus"];
/** Between two attempts a step is shown as retrying. */
export type StepStatus = Schemas["StepStatus"] | "RETRYING";
/** A step as it is shown. `iteration` is its item's index in the loops around it (`4`, `4/0`); empty outside loops. */
export type Step = Omit<Schemas["RunStep"], "status"> & {
  status: StepStatus;
  /** The number of items of a loop, from its event. */
  items?: number;
};
/** The content of a run's event; fields without a value are absent. */
export type StepEvent = Partial<Schemas["InstanceEvent"]>;

/** Lists omit optional fields. */
export type Instance = Refined<Schemas["Instance"], { nodes?: WorkflowNode[] | null }>;
/** A run as it is shown, with live updates. */
export type Run = Omit<Instance, "steps"> & { steps?: Step[] | null };
/** An unsaved graph in the editor. */
export type TestRun = Graphed &
  Pick<Schemas["WorkflowTestRequest"], "workflowID" | "settings"> & { input: JsonObject };
export type OpenTask = Refined<Answered<Schemas["OpenTask"]>, { fields: Parameter[] }>;
export type Decision = Schemas["ApprovalDecision"];
export type ReplayBody = Schemas["ReplayRequest"];
export type Started = Schemas["StartedRun"];
