//! The logins that the lambdas work as: each with its role of infra/sql/rights and nothing else, so that a statement for which
//! nobody granted the right fails in every end to end test.

use central::migrate;

use crate::{sql::Sql, world::settings};

/// Fake: the server is the test's own.
const PASSWORD: &str = "Fake-Password-1";

/// Connection strings, one for each.
#[derive(Debug, Clone)]
pub struct Logins {
    /// Lambda 1.
    pub intake: String,
    /// Lambda 2.
    pub consumer: String,
    /// The binary `ops`.
    pub ops: String,
}

impl Logins {
    /// The name of the login and user with a role: `device_association_intake_test`.
    #[must_use]
    pub fn user(role: &str) -> String {
        format!("{role}_test")
    }

    /// Lays roles, logins and users down.
    pub async fn lay(owner: &str) -> Self {
        migrate::rights(settings(owner)).await.unwrap();
        let mut sql = Sql::connect(owner).await;
        for role in [
            "device_association_intake",
            "device_association_consumer",
            "device_association_ops",
        ] {
            let user = Self::user(role);
            sql.rows(&format!(
                "IF SUSER_ID(N'{user}') IS NULL CREATE LOGIN {user} WITH PASSWORD = '{PASSWORD}';
                 IF DATABASE_PRINCIPAL_ID(N'{user}') IS NULL CREATE USER {user} FOR LOGIN {user};
                 ALTER ROLE {role} ADD MEMBER {user};"
            ))
            .await;
        }
        let of = |role| as_login(owner, &Self::user(role), PASSWORD);
        Self {
            intake: of("device_association_intake"),
            consumer: of("device_association_consumer"),
            ops: of("device_association_ops"),
        }
    }
}

/// The same server and database with another login.
fn as_login(owner: &str, user: &str, password: &str) -> String {
    let kept = owner.split(';').filter(|part| {
        let key = part.split('=').next().unwrap_or_default();
        let key = key.trim().to_lowercase();
        !["user id", "uid", "user", "password", "pwd", ""].contains(&key.as_str())
    });
    let kept: Vec<&str> = kept.collect();
    format!("{};User Id={user};Password={password}", kept.join(";"))
}
