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

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> TenantId {
        TenantId::new(3).unwrap()
    }

    #[test]
    fn a_user_is_who_the_token_names_and_may_use_what_it_permits() {
        for all_customers in [true, false] {
            let actor = Actor::from_verified_token(tenant(), 12, "Ada Example", all_customers);
            assert_eq!((actor.tenant(), actor.user()), (tenant(), Some(12)));
            assert_eq!(actor.name(), "Ada Example");
            assert_eq!(actor.may_use_all_customers(), all_customers);
        }
    }

    #[test]
    fn the_work_on_a_bulk_change_is_nobody_s_and_was_permitted_when_it_was_accepted() {
        let actor = Actor::from_bulk_change(tenant(), "Ada Example");
        assert_eq!((actor.tenant(), actor.user()), (tenant(), None));
        assert_eq!(actor.name(), "Ada Example");
        assert!(actor.may_use_all_customers());
    }

    #[test]
    fn a_name_is_cut_to_the_audit_columns() {
        let long = "é".repeat(51);
        for actor in [
            Actor::from_verified_token(tenant(), 12, &long, false),
            Actor::from_bulk_change(tenant(), &long),
        ] {
            assert_eq!(actor.name(), "é".repeat(50));
        }
    }
}
