//! What a token says about the caller.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::keys::Algorithm;

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    /// See devices and bulk changes.
    #[serde(rename = "m2m:read")]
    Read,
    /// Submit bulk changes.
    #[serde(rename = "m2m:create")]
    Create,
    /// Change what exists.
    #[serde(rename = "m2m:edit")]
    Edit,
    /// Use every customer of the tenant, whatever `User_Role_Site` says.
    #[serde(rename = "m2m:all-customers")]
    AllCustomers,
}

impl Permission {
    /// Everything that a member of the operations staff may do; customers still follow `User_Role_Site`.
    pub const STAFF: [Self; 3] = [Self::Read, Self::Create, Self::Edit];
}

/// The claims of one token. Start from [`Claims::of`] and change what the case is about.
#[derive(Debug, Clone)]
pub struct Claims {
    /// `sub`: the name that goes into audit columns.
    pub name: String,
    /// `user_id`: `User_Role_Site.UserId`.
    pub user: i64,
    /// `tenant_id`: `Tenant.id`.
    pub tenant: i64,
    /// `permissions`.
    pub permissions: Vec<Permission>,
    /// `aud`; `None` takes the issuer's own.
    pub audience: Option<String>,
    /// Seconds from now to `exp`; negative for a token that has expired.
    pub expires_in: i64,
    /// `token_use`: "access", or "id" for a token that identifies but permits nothing.
    pub token_use: &'static str,
    /// What signs it.
    pub algorithm: Algorithm,
}

impl Claims {
    /// Seconds that a token is good for when nobody says otherwise.
    pub const DEFAULT_LIFE: i64 = 3_600;

    /// An access token of one user, with the permissions of the operations staff, good for an hour.
    #[must_use]
    pub fn of(tenant: i64, user: i64) -> Self {
        Self {
            name: "demo.user".to_owned(),
            user,
            tenant,
            permissions: Permission::STAFF.to_vec(),
            audience: None,
            expires_in: Self::DEFAULT_LIFE,
            token_use: "access",
            algorithm: Algorithm::Rs256,
        }
    }

    /// The same with exactly these permissions.
    #[must_use]
    pub fn with_permissions(self, permissions: &[Permission]) -> Self {
        Self {
            permissions: permissions.to_vec(),
            ..self
        }
    }

    /// The same with `m2m:all-customers` added.
    #[must_use]
    pub fn for_all_customers(mut self) -> Self {
        self.permissions.push(Permission::AllCustomers);
        self
    }

    /// The same, signed with another algorithm.
    #[must_use]
    pub fn signed_with(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// The JSON that is signed.
    pub(super) fn payload(&self, issuer: &str, default_audience: &str) -> Value {
        let now = seconds_since_1970();
        json!({
            "iss": issuer,
            "aud": self.audience.as_deref().unwrap_or(default_audience),
            "sub": self.name,
            "user_id": self.user,
            "tenant_id": self.tenant,
            "permissions": self.permissions,
            "token_use": self.token_use,
            // A token that has expired was issued before it expired.
            "iat": now.min(now.saturating_add(self.expires_in)),
            "exp": now.saturating_add(self.expires_in),
        })
    }
}

pub(super) fn seconds_since_1970() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default()
}
