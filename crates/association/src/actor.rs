//! On whose behalf something happens. Every statement of `central` takes one.

use crate::ids::TenantId;

/// Tenant and user as one value, so that no statement can forget either.
///
/// There are two ways to get one: a verified token, or the bulk change that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    tenant: TenantId,
    user: Option<i64>,
    name: String,
    all_customers: bool,
}

impl Actor {
    /// From the claims of a token whose signature, issuer, audience and expiry were verified.
    ///
    /// `user` decides over User_Role_Site which customers may be used; `all_customers` is the permission `m2m:all-customers`;
    /// `name` is written into the audit columns (cut to their 50 characters).
    #[must_use]
    pub fn from_verified_token(
        tenant: TenantId,
        user: i64,
        name: &str,
        all_customers: bool,
    ) -> Self {
        Self {
            tenant,
            user: Some(user),
            name: name.chars().take(50).collect(),
            all_customers,
        }
    }

    /// From the DeviceBulkChange row that was claimed: the work was permitted when it was accepted.
    #[must_use]
    pub fn from_bulk_change(tenant: TenantId, created_by: &str) -> Self {
        Self {
            tenant,
            user: None,
            name: created_by.chars().take(50).collect(),
            all_customers: true,
        }
    }

    /// Whose rows may be seen and written.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// `User_Role_Site.UserId`, when a user asks.
    #[must_use]
    pub fn user(&self) -> Option<i64> {
        self.user
    }

    /// For CreatedBy, ProcessedBy, ChangedBy.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether every customer of the tenant may be used.
    #[must_use]
    pub fn may_use_all_customers(&self) -> bool {
        self.all_customers
    }
}
