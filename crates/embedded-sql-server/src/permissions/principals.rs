//! Logins, users and roles, and the rights they were given.

use std::collections::{BTreeMap, BTreeSet};

use super::{Access, Right, Verb};
use crate::{catalog::Catalog, error::SqlError};

/// Who there is beside the owner. Names compare without case.
#[derive(Debug, Clone, Default)]
pub struct Principals {
    /// Passwords.
    pub(super) logins: BTreeMap<String, String>,
    pub(super) users: BTreeMap<String, User>,
    /// Roles, with their members.
    pub(super) roles: BTreeMap<String, BTreeSet<String>>,
    /// Rights on an object, by principal and object id.
    pub(super) rights: BTreeMap<String, BTreeMap<i32, Granted>>,
}

/// A user of the database.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) login: Option<String>,
}

/// What was granted on one object: whole, and by column position.
#[derive(Debug, Clone, Default)]
pub(super) struct Granted {
    pub(super) whole: BTreeSet<Verb>,
    pub(super) columns: BTreeSet<(Verb, usize)>,
}

impl Principals {
    /// The password of a login.
    #[must_use]
    pub(crate) fn password(&self, login: &str) -> Option<&str> {
        self.logins.get(&login.to_lowercase()).map(String::as_str)
    }

    /// The user that a login works as; None when it may not come in.
    #[must_use]
    pub(crate) fn user_of(&self, login: &str) -> Option<&str> {
        let login = login.to_lowercase();
        self.users
            .values()
            .find(|user| user.login.as_deref() == Some(login.as_str()))
            .map(|user| user.name.as_str())
    }

    /// Whether there is a user or role of this name (`DATABASE_PRINCIPAL_ID`).
    #[must_use]
    pub(crate) fn knows(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.users.contains_key(&name) || self.roles.contains_key(&name)
    }

    /// What all principals that a user is or belongs to were granted on an object.
    fn of<'a>(&'a self, user: &str, object: i32) -> impl Iterator<Item = &'a Granted> {
        let user = user.to_lowercase();
        let own = self.rights.get(&user);
        let of_roles = self
            .roles
            .iter()
            .filter(move |(_, members)| members.contains(&user))
            .filter_map(|(role, _)| self.rights.get(role));
        own.into_iter()
            .chain(of_roles)
            .filter_map(move |rights| rights.get(&object))
    }

    /// Whether a user has any right on an object, and so sees it.
    #[must_use]
    pub(crate) fn sees(&self, user: &str, object: i32) -> bool {
        self.of(user, object).next().is_some()
    }

    fn allows(&self, user: &str, access: Access) -> bool {
        self.of(user, access.object).any(|granted| {
            granted.whole.contains(&access.verb)
                || match access.column {
                    Some(column) => {
                        access.verb.has_columns()
                            && granted.columns.contains(&(access.verb, column))
                    }
                    // COUNT(*) and its like: any column will do.
                    None => {
                        access.verb == Verb::Select
                            && granted
                                .columns
                                .iter()
                                .any(|(verb, _)| *verb == Verb::Select)
                    }
                }
        })
    }

    /// Errors 229 (the object) and 230 (a column of an object that is granted in part).
    pub(crate) fn check(
        &self,
        catalog: &Catalog,
        database: &str,
        user: &str,
        accesses: &BTreeSet<Access>,
    ) -> Result<(), SqlError> {
        let denied = accesses.iter().find(|access| !self.allows(user, **access));
        let Some(denied) = denied else {
            return Ok(());
        };
        let Right {
            object,
            verb,
            column,
        } = denied
            .named(catalog)
            .ok_or_else(|| SqlError::unsupported("a right on what is no table or procedure"))?;
        let verb = verb.name();
        let in_part = self
            .of(user, denied.object)
            .any(|granted| granted.columns.iter().any(|(verb, _)| *verb == denied.verb));
        let place = format!("the object '{object}', database '{database}', schema 'dbo'.");
        let (number, message) = match column {
            Some(column) if in_part => (
                230,
                format!("The {verb} permission was denied on the column '{column}' of {place}"),
            ),
            _ => (229, format!("The {verb} permission was denied on {place}")),
        };
        Err(SqlError {
            class: 14,
            state: 5,
            ..SqlError::new(number, message)
        })
    }

    /// What a role or user was granted itself, without what its roles have.
    #[must_use]
    pub fn granted(&self, catalog: &Catalog, principal: &str) -> BTreeSet<Right> {
        let mut all = BTreeSet::new();
        for (object, granted) in self
            .rights
            .get(&principal.to_lowercase())
            .into_iter()
            .flatten()
        {
            let whole = granted.whole.iter().map(|verb| (*verb, None));
            let columns = granted
                .columns
                .iter()
                .map(|(verb, column)| (*verb, Some(*column)));
            all.extend(whole.chain(columns).filter_map(|(verb, column)| {
                Access {
                    object: *object,
                    verb,
                    column,
                }
                .named(catalog)
            }));
        }
        all
    }
}
