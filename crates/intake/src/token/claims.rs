//! What a token says about the caller.

use association::{actor::Actor, ids::TenantId};
use serde::Deserialize;

/// What a caller may do. Other permissions of a token are not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See devices and bulk changes.
    Read,
    /// Submit bulk changes.
    Create,
    /// Change what exists.
    Edit,
    /// Use every customer of the tenant, whatever User_Role_Site says.
    AllCustomers,
}

impl Permission {
    const ALL: [Self; 4] = [Self::Read, Self::Create, Self::Edit, Self::AllCustomers];

    /// As tokens name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "m2m:read",
            Self::Create => "m2m:create",
            Self::Edit => "m2m:edit",
            Self::AllCustomers => "m2m:all-customers",
        }
    }

    fn read(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.name() == name)
    }
}

/// The claims that are read here; issuer and times are checked with the signature.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    sub: String,
    aud: Option<OneOrMany>,
    client_id: Option<String>,
    token_use: Option<String>,
    user_id: Option<NumberOrText>,
    tenant_id: Option<NumberOrText>,
    permissions: Option<Vec<String>>,
    scope: Option<String>,
}

/// RFC 7519, section 4.1.3: one audience stands alone or in a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Custom attributes of some issuers are always text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(i64),
    Text(String),
}

impl NumberOrText {
    fn positive(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
        }
        .filter(|number| *number > 0)
    }
}

/// Why claims name no caller.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) &'static str);

impl Claims {
    /// Who this is and what it may do; `of_access_type`: the token's header says `at+jwt` (RFC 9068).
    pub(super) fn caller(
        &self,
        audience: &str,
        of_access_type: bool,
    ) -> Result<(Actor, Vec<Permission>), Unfit> {
        let for_us = match &self.aud {
            Some(OneOrMany::One(one)) => one == audience,
            Some(OneOrMany::Many(many)) => many.iter().any(|one| one == audience),
            None => self.client_id.as_deref() == Some(audience),
        };
        if !for_us {
            return Err(Unfit("another audience"));
        }
        let access = match self.token_use.as_deref() {
            Some(token_use) => token_use == "access",
            None => of_access_type,
        };
        if !access {
            return Err(Unfit("not an access token"));
        }
        let name = self.sub.trim();
        if name.is_empty() {
            return Err(Unfit("a claim is missing"));
        }
        let number = |claim: &Option<NumberOrText>| claim.as_ref().and_then(NumberOrText::positive);
        let user = number(&self.user_id).ok_or(Unfit("no user_id"))?;
        let tenant = number(&self.tenant_id)
            .and_then(|number| TenantId::try_from(number).ok())
            .ok_or(Unfit("no tenant_id"))?;
        let permissions = self.permissions();
        let all_customers = permissions.contains(&Permission::AllCustomers);
        let actor = Actor::from_verified_token(tenant, user, name, all_customers);
        Ok((actor, permissions))
    }

    /// From the list `permissions` and from `scope`, names separated by blanks (RFC 8693, section 4.2).
    fn permissions(&self) -> Vec<Permission> {
        let listed = self.permissions.iter().flatten().map(String::as_str);
        let scoped = self.scope.iter().flat_map(|scope| scope.split(' '));
        listed.chain(scoped).filter_map(Permission::read).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn caller(changes: &Value) -> Result<(Actor, Vec<Permission>), Unfit> {
        let mut claims = json!({
            "sub": "someone", "aud": "portal", "token_use": "access", "user_id": 7, "tenant_id": 1,
            "permissions": ["m2m:read", "other:thing"],
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims: Claims = serde_json::from_value(claims).unwrap();
        claims.caller("portal", false)
    }

    #[test]
    fn good_claims_name_tenant_user_and_permissions() {
        let expected = Actor::from_verified_token(TenantId::new(1).unwrap(), 7, "someone", false);
        for same in [
            json!({}),
            json!({"aud": ["x", "portal"]}),
            json!({"aud": null, "client_id": "portal"}),
            json!({"user_id": "7", "tenant_id": "1"}),
            json!({"permissions": null, "scope": "openid m2m:read"}),
        ] {
            let (actor, permissions) = caller(&same).unwrap();
            assert_eq!(actor, expected, "{same}");
            assert_eq!(permissions, [Permission::Read], "{same}");
        }
        let (actor, _) = caller(&json!({"scope": "m2m:all-customers"})).unwrap();
        assert!(actor.may_use_all_customers());
    }

    #[test]
    fn claims_that_leave_a_doubt_name_nobody() {
        for (changes, reason) in [
            (json!({"aud": "x"}), "another audience"),
            (
                json!({"aud": "x", "client_id": "portal"}),
                "another audience",
            ),
            (json!({"aud": null}), "another audience"),
            (json!({"aud": []}), "another audience"),
            (json!({"token_use": "id"}), "not an access token"),
            (json!({"token_use": null}), "not an access token"),
            (json!({"sub": " "}), "a claim is missing"),
            (json!({"user_id": null}), "no user_id"),
            (json!({"user_id": 0}), "no user_id"),
            (json!({"user_id": "seven"}), "no user_id"),
            (json!({"tenant_id": "1 "}), "no tenant_id"),
            (json!({"tenant_id": -1}), "no tenant_id"),
            (json!({"tenant_id": 4_294_967_297_i64}), "no tenant_id"),
        ] {
            assert_eq!(caller(&changes).unwrap_err(), Unfit(reason), "{changes}");
        }
    }
}
