//! The statements about logins, users, roles and rights, as parsed.

use super::Verb;

/// A statement about who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    /// CREATE LOGIN … WITH PASSWORD = …
    CreateLogin {
        /// Of the server.
        name: String,
        /// In the clear: this server is for development.
        password: String,
    },
    /// ALTER LOGIN … WITH PASSWORD = …
    AlterLogin {
        /// Of the server.
        name: String,
        /// The new one. Who is logged in stays so.
        password: String,
    },
    /// CREATE USER … FOR LOGIN …, or WITHOUT LOGIN
    CreateUser {
        /// Of the database.
        name: String,
        /// None: nobody can log in as it.
        login: Option<String>,
    },
    /// CREATE ROLE
    CreateRole {
        /// Of the database.
        name: String,
    },
    /// ALTER ROLE … ADD MEMBER …
    AddMember {
        /// The role.
        role: String,
        /// A user.
        member: String,
    },
    /// GRANT … ON … TO …
    Grant {
        /// What is allowed.
        verbs: Vec<Verb>,
        /// A table or procedure, without schema.
        object: String,
        /// None: the whole object.
        columns: Option<Vec<String>>,
        /// A role or user.
        to: String,
    },
}
