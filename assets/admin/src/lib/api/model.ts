import type { JsonSchema } from "./json-schema";

export type JsonObject = Record<string, unknown>;

/** What every stored object carries. Times are RFC 3339, UTC, with milliseconds. */
export interface Base {
  id: string;
  name: string;
  description: string;
  createdAt: string;
  updatedAt: string;
  createdBy: string | null;
  version: number;
}

/** What a client sends to create one: the record without what the server sets. */
export type DraftOf<R> = Omit<R, Exclude<keyof Base, "name">> & { description?: string };

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
  total: number;
}

export interface ErrorDetail {
  path: string;
  message: string;
}

/** What an external system said of itself: `position` is the 1-based character in the query's text. */
export interface ErrorSource {
  code?: string;
  position?: number;
  hint?: string;
}

export interface ErrorBody {
  error: { code: string; message: string; details?: ErrorDetail[]; source?: ErrorSource; requestId?: string };
}

export interface Setup {
  needsFirstAccount: boolean;
  signup: "open" | "invite" | "closed";
  version: string;
  demo: boolean;
  demoAccounts: { email: string; password: string; role: string }[];
}

export interface User {
  id: string;
  email: string;
  name: string;
  photoUrl?: string | null;
  isInstanceAdmin: boolean;
}

export interface Session {
  idToken: string;
  expiresIn: number;
  user: User;
}

export interface Membership {
  id: string;
  name: string;
  logoUrl?: string | null;
  role: { id: string; name: string };
  permissions: string[];
}

export interface Me {
  user: User;
  tenants: Membership[];
}

export interface Tenant {
  id: string;
  name: string;
  logoUrl?: string | null;
  settings: JsonObject;
  createdAt: string;
  updatedAt: string;
  version: number;
}

export interface TenantDetail extends Tenant {
  counts: Record<"datasource" | "dataquery" | "widget" | "dashboard" | "workflow" | "member", number>;
}

export interface Member {
  userID: string;
  email: string;
  name: string;
  roleID: string;
  roleName: string;
  joinedAt: string;
}

export interface Invitation {
  id: string;
  email: string;
  roleID: string;
  roleName: string;
  expiresAt: string;
  createdAt: string;
  /** The one-time link: only in the answer to the POST that made it. */
  url?: string;
}

export interface InvitationPreview {
  tenantName: string;
  email: string;
  roleName: string;
  expiresAt: string;
}

export interface ApiKey {
  id: string;
  name: string;
  roleID: string;
  roleName: string;
  prefix: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  /** The key itself: only in the answer to the POST that made it. */
  key?: string;
}

export interface Permission {
  name: string;
  description: string;
}

export interface Role extends Base {
  permissions: string[];
  /** Which built-in role it is; null for the tenant's own. */
  builtIn: string | null;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: { kind: string; id: string; label: string };
  action: string;
  object: { kind: string; id: string; name: string };
  requestId: string | null;
  ip: string | null;
}

export interface Version {
  version: number;
  at: string;
  by: string;
  name: string;
}

export interface DatasourceType {
  type: string;
  name: string;
  category: string;
  description: string;
  optionsSchema: JsonSchema;
  queryOptionsSchema: JsonSchema;
  capabilities: { sql?: boolean; schema?: boolean; readOnly?: boolean; [capability: string]: unknown };
}

export interface Datasource extends Base {
  type: string;
  options: JsonObject;
  tags: string[];
  /** Paths of the secret options that are set; their values never come out. */
  secrets: string[];
}

export interface DatasourceTest {
  ok: boolean;
  latencyMs: number;
  serverVersion?: string | null;
  error?: string | null;
}

export interface SchemaColumn {
  name: string;
  type: string;
  nullable: boolean;
  primaryKey: boolean;
  default?: string | null;
  comment?: string | null;
}

export interface SchemaTable {
  schema?: string | null;
  name: string;
  /** "table", "view" and the like. */
  kind: string;
  comment?: string | null;
  columns: SchemaColumn[];
}

export interface DatasourceSchema {
  items: SchemaTable[];
}

export type ParameterType = "string" | "number" | "boolean" | "date" | "array" | "object";

export interface Parameter {
  name: string;
  type: ParameterType;
  required: boolean;
  default: unknown;
  description: string;
  /** The only values allowed; empty or absent means any. */
  allowed?: unknown[];
}

export interface DataQuery extends Base {
  datasourceID: string;
  options: JsonObject;
  parameters: Parameter[];
  transformer: string | null;
  cacheSeconds: number;
  timeoutMs: number;
  maxRows: number;
  runOnLoad: boolean;
}

export interface Column {
  name: string;
  type: string;
}

export interface QueryResult {
  data: unknown;
  columns?: Column[] | null;
  rowCount: number;
  affectedRows?: number | null;
  truncated: boolean;
  durationMs: number;
  cache: "hit" | "miss" | "off";
}

export interface QueryRun {
  id: string;
  at: string;
  queryVersion: number;
  /** Who asked, in words. */
  actor: string;
  durationMs: number;
  rowCount?: number | null;
  cache: QueryResult["cache"];
  error?: string | null;
}

export type WidgetKind = "table" | "number" | "bar" | "line" | "pie" | "text";

export interface WidgetType {
  type: WidgetKind;
  name: string;
  description: string;
  configSchema: JsonSchema;
}

export interface Widget extends Base {
  type: WidgetKind;
  config: JsonObject;
}

export interface DashboardItem {
  key: string;
  widgetID: string;
  title?: string;
}

export interface LayoutItem {
  i: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

export type Breakpoint = "lg" | "md" | "sm";

export interface DashboardVariable {
  name: string;
  type: "text" | "number" | "select" | "date";
  label?: string;
  default: unknown;
  options: string[];
}

export interface Dashboard extends Base {
  items: DashboardItem[];
  layouts: Partial<Record<Breakpoint, LayoutItem[]>>;
  variables: DashboardVariable[];
  refreshSeconds: number;
  /** The whole rows of the widgets in `items`: only on GET of one. */
  widgets?: Widget[];
}

export interface NodeType {
  type: string;
  name: string;
  category: string;
  description: string;
  configSchema: JsonSchema;
  handles: { id: string; label: string }[];
  dynamicHandles: "branches" | "cases" | null;
}

export interface WorkflowNode {
  id: string;
  type: string;
  name: string;
  config: JsonObject;
  position: { x: number; y: number };
  parentID?: string;
  settings?: JsonObject;
  pinnedOutput?: unknown;
  notes?: string;
}

export interface WorkflowEdge {
  id: string;
  source: string;
  sourceHandle?: string;
  target: string;
}

export interface Problem {
  nodeID?: string;
  path?: string;
  message: string;
  severity?: "error" | "warning";
}

export interface Workflow extends Base {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
  inputs: Parameter[];
  triggers: JsonObject[];
  settings: JsonObject;
  enabled: boolean;
  /** Read-only, in the answers of single GET, POST and PATCH. */
  problems?: Problem[];
}

export type RunStatus = "PENDING" | "RUNNING" | "WAITING" | "COMPLETED" | "FAILED" | "CANCELLED";

/** A step may besides be skipped, and is shown as retrying between two attempts. */
export type StepStatus = RunStatus | "SKIPPED" | "RETRYING";

export interface Step {
  nodeID: string;
  name: string;
  type: string;
  /** The item's index in the loops around the step (`4`, `4/0`); empty outside loops. */
  iteration: string;
  attempt: number;
  status: StepStatus;
  input: unknown;
  output: unknown;
  error: { code: string; message: string } | null;
  logs: string[] | null;
  startedAt: string | null;
  finishedAt: string | null;
  dueAt?: string | null;
}

export interface Instance {
  id: string;
  workflowID: string | null;
  workflowName: string | null;
  workflowVersion: number | null;
  status: RunStatus;
  isTest: boolean;
  trigger: string;
  /** Who started it: a person's e-mail address, an API key's name. */
  startedBy?: string;
  input: unknown;
  output: unknown;
  error: { code: string; message: string } | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  steps?: Step[];
  /** The graph of the version that ran: only on GET of one, like steps, input and output. */
  nodes?: WorkflowNode[];
  edges?: WorkflowEdge[];
}

export type DatasourceDraft = Omit<DraftOf<Datasource>, "secrets">;
export type DataQueryDraft = DraftOf<DataQuery>;
export type WidgetDraft = DraftOf<Widget>;
export type DashboardDraft = Omit<DraftOf<Dashboard>, "widgets">;
export type WorkflowDraft = Omit<DraftOf<Workflow>, "problems">;
export type RoleDraft = Omit<DraftOf<Role>, "builtIn">;
