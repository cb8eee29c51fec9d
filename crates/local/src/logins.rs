//! Logins of a database on this machine: one for each lambda and one for `ops`, each with its role of infra/sql/rights and nothing
//! else, so that a local run shows when a right is missing.

use central::{
    Settings,
    migrate::{self, MigrateError, Script, load},
};

/// No secret: the server listens on this machine alone.
const PASSWORD: &str = "Embedded-Only-1";

/// Whose login it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Lambda 1.
    Intake,
    /// Lambda 2.
    Consumer,
    /// The binary `ops`.
    Ops,
}

impl Login {
    /// Its user name at the server.
    #[must_use]
    pub fn user(self) -> &'static str {
        match self {
            Self::Intake => "intake_local",
            Self::Consumer => "consumer_local",
            Self::Ops => "ops_local",
        }
    }

    /// The same server and database as another's connection string, with this login.
    #[must_use]
    pub fn on(self, connection_string: &str) -> String {
        format!(
            "{};User Id={};Password={PASSWORD}",
            without_login(connection_string),
            self.user()
        )
    }

    /// As a secret of AWS Secrets Manager holds it.
    #[must_use]
    pub fn secret(self) -> String {
        serde_json::json!({"username": self.user(), "password": PASSWORD}).to_string()
    }
}

/// A connection string without user and password, for those who have them from elsewhere.
#[must_use]
pub fn without_login(connection_string: &str) -> String {
    let is_kept = |member: &&str| {
        let name = member.split('=').next().unwrap_or_default();
        let name = name.trim().to_lowercase();
        !["user id", "uid", "user", "username", "password", "pwd", ""].contains(&name.as_str())
    };
    let kept: Vec<&str> = connection_string.split(';').filter(is_kept).collect();
    kept.join(";")
}

/// No file of its own: the check of the SQL does not know roles. Safe to run again: what is there stays.
const LOGINS: &str = "
IF SUSER_ID(N'intake_local') IS NULL CREATE LOGIN intake_local WITH PASSWORD = N'Embedded-Only-1';
IF SUSER_ID(N'consumer_local') IS NULL CREATE LOGIN consumer_local WITH PASSWORD = N'Embedded-Only-1';
IF SUSER_ID(N'ops_local') IS NULL CREATE LOGIN ops_local WITH PASSWORD = N'Embedded-Only-1';
IF DATABASE_PRINCIPAL_ID(N'intake_local') IS NULL CREATE USER intake_local FOR LOGIN intake_local;
IF DATABASE_PRINCIPAL_ID(N'consumer_local') IS NULL CREATE USER consumer_local FOR LOGIN consumer_local;
IF DATABASE_PRINCIPAL_ID(N'ops_local') IS NULL CREATE USER ops_local FOR LOGIN ops_local;
ALTER ROLE device_association_intake ADD MEMBER intake_local;
ALTER ROLE device_association_consumer ADD MEMBER consumer_local;
ALTER ROLE device_association_ops ADD MEMBER ops_local;
";

/// Lays roles, logins and users down in a database that has its tables.
pub async fn lay_down(settings: &Settings) -> Result<(), MigrateError> {
    migrate::rights(settings.clone()).await?;
    load(settings, &[Script::new("logins", LOGINS)]).await
}
