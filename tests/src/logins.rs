//! The logins that the lambdas work as: each with its role of infra/sql/rights and nothing else, so that a statement for which
//! nobody granted the right fails in every end to end test.

use local::logins::{Login, lay_down};

use crate::world::settings;

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
    /// Lays roles, logins and users down.
    pub async fn lay(owner: &str) -> Self {
        lay_down(&settings(owner)).await.unwrap();
        Self::laid(owner)
    }

    /// Those of a database that has them.
    #[must_use]
    pub fn laid(owner: &str) -> Self {
        Self {
            intake: Login::Intake.on(owner),
            consumer: Login::Consumer.on(owner),
            ops: Login::Ops.on(owner),
        }
    }
}
