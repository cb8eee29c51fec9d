//! What CREATE and ALTER LOGIN, CREATE USER, CREATE ROLE, ALTER ROLE and GRANT change.

use super::principals::User;
use super::statement::Security;
use crate::{catalog::Catalog, error::SqlError};

/// Changes the catalog.
pub(crate) fn apply(catalog: &mut Catalog, security: &Security) -> Result<(), SqlError> {
    match security {
        Security::CreateLogin { name, password } => {
            let logins = &mut catalog.principals.logins;
            // The server's own login cannot be made again.
            if name.eq_ignore_ascii_case("sa") || logins.contains_key(&name.to_lowercase()) {
                let message = format!("The server principal '{name}' already exists.");
                return Err(SqlError::new(15025, message));
            }
            logins.insert(name.to_lowercase(), password.clone());
        }
        Security::AlterLogin { name, password } => {
            let logins = &mut catalog.principals.logins;
            let known = logins.get_mut(&name.to_lowercase());
            known
                .ok_or_else(|| missing("alter the login", name))?
                .clone_from(password);
        }
        Security::CreateUser { name, login } => {
            not_there(catalog, name)?;
            if let Some(login) = login {
                if catalog.principals.password(login).is_none() {
                    let message =
                        format!("'{login}' is not a valid login or you do not have permission.");
                    return Err(SqlError::new(15007, message));
                }
                if catalog.principals.user_of(login).is_some() {
                    let message = "The login already has an account under a different user name.";
                    return Err(SqlError::new(15063, message));
                }
            }
            let user = User {
                name: name.clone(),
                login: login.as_ref().map(|login| login.to_lowercase()),
            };
            catalog.principals.users.insert(name.to_lowercase(), user);
        }
        Security::CreateRole { name } => {
            not_there(catalog, name)?;
            let roles = &mut catalog.principals.roles;
            roles.insert(name.to_lowercase(), std::collections::BTreeSet::new());
        }
        Security::AddMember { role, member } => {
            if role.to_lowercase().starts_with("db_") {
                return Err(SqlError::unsupported(format_args!("the fixed role {role}")));
            }
            if !catalog
                .principals
                .users
                .contains_key(&member.to_lowercase())
            {
                return Err(missing("add the principal", member));
            }
            let members = catalog.principals.roles.get_mut(&role.to_lowercase());
            members
                .ok_or_else(|| missing("alter the role", role))?
                .insert(member.to_lowercase());
        }
        Security::Grant {
            verbs,
            object,
            columns,
            to,
        } => {
            let places = columns
                .as_ref()
                .map(|columns| positions(catalog, object, columns))
                .transpose()?;
            let (id, kind) = catalog
                .object(object)
                .ok_or_else(|| missing("find the object", object))?;
            if !catalog.principals.knows(to) {
                return Err(missing("find the user", to));
            }
            let rights = &mut catalog.principals.rights;
            let granted = rights.entry(to.to_lowercase()).or_default();
            let granted = granted.entry(id).or_default();
            for verb in verbs {
                let fits = (*verb == super::Verb::Execute) == (kind == "P")
                    && (places.is_none() || verb.has_columns());
                if !fits {
                    let message = format!(
                        "Granted or revoked privilege {} is not compatible with object.",
                        verb.name()
                    );
                    return Err(SqlError::new(4606, message));
                }
                match &places {
                    None => {
                        granted.whole.insert(*verb);
                    }
                    Some(places) => granted
                        .columns
                        .extend(places.iter().map(|place| (*verb, *place))),
                }
            }
        }
    }
    Ok(())
}

fn not_there(catalog: &Catalog, name: &str) -> Result<(), SqlError> {
    if catalog.principals.knows(name) {
        let message =
            format!("User, group, or role '{name}' already exists in the current database.");
        return Err(SqlError::new(15023, message));
    }
    Ok(())
}

fn missing(what: &str, name: &str) -> SqlError {
    SqlError::new(
        15151,
        format!("Cannot {what} '{name}', because it does not exist or you do not have permission."),
    )
}

fn positions(catalog: &Catalog, object: &str, columns: &[String]) -> Result<Vec<usize>, SqlError> {
    let table = catalog
        .table(object)
        .ok_or_else(|| missing("find the object", object))?;
    columns
        .iter()
        .map(|column| {
            table
                .column_position(column)
                .ok_or_else(|| SqlError::new(207, format!("Invalid column name '{column}'.")))
        })
        .collect()
}
