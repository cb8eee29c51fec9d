//! The people who can sign in at the stand-in: users of the sample data (`crate::sample`).

use super::{Claims, Permission};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// `sub`: the name that goes into audit columns.
    pub name: &'static str,
    /// As the portal greets them.
    pub full_name: &'static str,
    /// What they may do, for whoever chooses one.
    pub words: &'static str,
    /// `Tenant.id`.
    pub tenant: i64,
    /// `User_Role_Site.UserId`.
    pub user: i64,
    /// What their token permits.
    pub permissions: &'static [Permission],
}

const STAFF: &[Permission] = &Permission::STAFF;
const READER: &[Permission] = &[Permission::Read];
const ADMINISTRATOR: &[Permission] = &[
    Permission::Read,
    Permission::Create,
    Permission::Edit,
    Permission::AllCustomers,
];

/// Everybody, the one that a demo is shown with first.
pub const PEOPLE: [Person; 6] = [
    Person {
        name: "nora.north",
        full_name: "Nora North",
        words: "Northwind Telematics, operations: all its customers",
        tenant: 1,
        user: 1,
        permissions: STAFF,
    },
    Person {
        name: "alan.alder",
        full_name: "Alan Alder",
        words: "Northwind Telematics, operations: customer 1001 only",
        tenant: 1,
        user: 3,
        permissions: STAFF,
    },
    Person {
        name: "rita.reader",
        full_name: "Rita Reader",
        words: "Northwind Telematics: sees everything, may submit nothing",
        tenant: 1,
        user: 1,
        permissions: READER,
    },
    Person {
        name: "nils.nobody",
        full_name: "Nils Nobody",
        words: "Northwind Telematics, operations: no customer",
        tenant: 1,
        user: 4,
        permissions: STAFF,
    },
    Person {
        name: "ada.admin",
        full_name: "Ada Admin",
        words: "Northwind Telematics, administrator",
        tenant: 1,
        user: 1,
        permissions: ADMINISTRATOR,
    },
    Person {
        name: "carl.contoso",
        full_name: "Carl Contoso",
        words: "Contoso Meters, operations: all its customers",
        tenant: 2,
        user: 2,
        permissions: STAFF,
    },
];

impl Person {
    /// Who has this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.name == name)
    }

    /// The claims of their access token.
    #[must_use]
    pub fn claims(&self) -> Claims {
        Claims {
            name: self.name.to_owned(),
            permissions: self.permissions.to_vec(),
            ..Claims::of(self.tenant, self.user)
        }
    }
}
