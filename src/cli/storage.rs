//! The options of `serve` that limit how much is stored, and for how long.
use crate::{housekeeping::Quarantining, quota::QuotaLimits, store::RetentionLimits};
use clap::{Args, value_parser};

#[derive(Args)]
pub(super) struct Storage {
    /// Days to keep finished runs and query executions.
    #[arg(long, env = "JET_ADMIN_KEEP_DAYS", default_value_t = 90, value_name = "DAYS", value_parser = value_parser!(u32).range(1..=36500))]
    keep_days: u32,
    /// Number of finished runs to keep in total; beyond that, the oldest runs of the largest tenants are deleted.
    #[arg(long, env = "JET_ADMIN_KEEP_RUNS", default_value_t = 1_000_000, value_name = "COUNT")]
    keep_runs: u64,
    /// Number of finished runs to keep per tenant; beyond that, the oldest are deleted.
    #[arg(long, env = "JET_ADMIN_KEEP_RUNS_PER_TENANT", default_value_t = 500_000, value_name = "COUNT")]
    keep_runs_per_tenant: u64,
    /// Disk space for all runs in MiB; beyond that, the oldest finished runs of the largest tenants are deleted.
    #[arg(long, env = "JET_ADMIN_KEEP_MIB", default_value_t = 10_240, value_name = "MIB", value_parser = value_parser!(u64).range(1..=1_048_576))]
    keep_mib: u64,
    /// Days to keep entries of the audit log; 0 keeps them regardless of age.
    #[arg(long, env = "JET_ADMIN_KEEP_AUDIT_DAYS", default_value_t = 365, value_name = "DAYS", value_parser = value_parser!(u32).range(0..=36500))]
    keep_audit_days: u32,
    /// Days to keep deleted records in the trash, where they can be restored.
    #[arg(long, env = "JET_ADMIN_KEEP_TRASH_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = value_parser!(u32).range(0..=36500))]
    keep_trash_days: u32,
    /// Quota in MiB for a tenant's uploads and databases, including journals; 0 is unlimited, for this and all quotas
    /// below.
    #[arg(long, env = "JET_ADMIN_QUOTA_FILES", default_value_t = 2048, value_name = "MIB", value_parser = mib())]
    quota_files: u64,
    /// Quota in MiB for temporary files of a tenant's queries and exports, such as large sorts and spreadsheets.
    #[arg(long, env = "JET_ADMIN_QUOTA_TEMPORARY", default_value_t = 1024, value_name = "MIB", value_parser = mib())]
    quota_temporary: u64,
    /// Quota in MiB for a tenant's unfinished runs; beyond that, no run starts.
    #[arg(long, env = "JET_ADMIN_QUOTA_UNFINISHED_RUNS", default_value_t = 1024, value_name = "MIB", value_parser = mib())]
    quota_unfinished_runs: u64,
    /// Quota in MiB for a tenant's finished runs; beyond that, the oldest are deleted.
    #[arg(long, env = "JET_ADMIN_QUOTA_ENDED_RUNS", default_value_t = 4096, value_name = "MIB", value_parser = mib())]
    quota_ended_runs: u64,
    /// Quota in MiB for a tenant's query history; beyond that, the oldest entries are deleted.
    #[arg(long, env = "JET_ADMIN_QUOTA_QUERY_HISTORY", default_value_t = 256, value_name = "MIB", value_parser = mib())]
    quota_query_history: u64,
    /// Quota in MiB for a tenant's datasources, queries, widgets, dashboards, workflows, variables and roles.
    #[arg(long, env = "JET_ADMIN_QUOTA_RECORDS", default_value_t = 256, value_name = "MIB", value_parser = mib())]
    quota_records: u64,
    /// Quota in MiB for the versions of those records, a sixteenth of it per record; beyond that, the oldest are
    /// deleted.
    #[arg(long, env = "JET_ADMIN_QUOTA_VERSIONS", default_value_t = 512, value_name = "MIB", value_parser = mib())]
    quota_versions: u64,
    /// Quota in MiB for a tenant's audit log; beyond that, the oldest entries are deleted.
    #[arg(long, env = "JET_ADMIN_QUOTA_AUDIT", default_value_t = 512, value_name = "MIB", value_parser = mib())]
    quota_audit: u64,
    /// Days to keep what clean-up removed in the quarantine.
    #[arg(long, env = "JET_ADMIN_QUARANTINE_DAYS", default_value_t = 7, value_name = "DAYS", value_parser = value_parser!(u32).range(0..=3650))]
    quarantine_days: u32,
    /// Size of the quarantine in MiB; beyond that, the oldest entries are deleted.
    #[arg(long, env = "JET_ADMIN_QUARANTINE_MIB", default_value_t = 2048, value_name = "MIB", value_parser = mib())]
    quarantine_mib: u64,
    /// Number of tenants that one person may own.
    #[arg(long, env = "JET_ADMIN_QUOTA_TENANTS", default_value_t = 100, value_name = "COUNT")]
    quota_tenants: u64,
    /// Free disk space in MiB, at most 5 % of the disk, below which tenants cannot add data; 0 turns this off.
    #[arg(long, env = "JET_ADMIN_MIN_FREE_MIB", default_value_t = 512, value_name = "MIB", value_parser = mib())]
    min_free_mib: u64,
}

fn mib() -> clap::builder::RangedU64ValueParser {
    value_parser!(u64).range(0..=1 << 30)
}

impl Storage {
    pub fn keep(&self) -> RetentionLimits {
        RetentionLimits {
            days: self.keep_days,
            runs: self.keep_runs,
            runs_per_tenant: self.keep_runs_per_tenant,
            bytes: self.keep_mib << 20,
            audit_days: self.keep_audit_days,
            trash_days: self.keep_trash_days,
        }
    }

    pub fn quotas(&self) -> QuotaLimits {
        QuotaLimits {
            files: self.quota_files << 20,
            temporary: self.quota_temporary << 20,
            unfinished_runs: self.quota_unfinished_runs << 20,
            ended_runs: self.quota_ended_runs << 20,
            query_history: self.quota_query_history << 20,
            records: self.quota_records << 20,
            versions: self.quota_versions << 20,
            audit: self.quota_audit << 20,
            tenants_per_person: self.quota_tenants,
        }
    }

    pub fn quarantine(&self) -> Quarantining {
        Quarantining { days: self.quarantine_days, bytes: self.quarantine_mib << 20 }
    }

    pub fn min_free(&self) -> u64 {
        self.min_free_mib << 20
    }
}
