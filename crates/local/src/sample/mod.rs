//! Sample data for local runs: two tenants with everything that an association needs.
//!
//! | | tenant 1 | tenant 2 |
//! | --- | --- | --- |
//! | service provider | 1 (Jasper) | 2 (ThingSpace) |
//! | Rev customers | 1001, 1002, 1003 | 1004, 1005, 1006 |
//! | their Sites | 1, 2, 3 (7, 8, 9 are second ones) | 4, 5, 6 (10, 11, 12) |
//! | Rev account (`Integration_Authentication.id`) | 1, `fake-client-1` | 2, `fake-client-2` |
//! | customer rate plans | 1 (100 MB), 2 (1 GB) | 3 (50 MB), 4 (500 MB) |
//! | customer rate pool | 1 | 2 |
//! | carrier rate plans | JASPER-10MB, JASPER-1GB, JASPER-OLD (retired) | THINGSPACE-5MB, THINGSPACE-500MB |
//! | users | 1: all customers; 3: customer 1001; 4: none | 2: all customers |
//!
//! Products at the Rev.io stand-in: 11, 12, 13. The devices are listed in [`Group`].

mod groups;
mod rows;

use central::{
    Settings,
    migrate::{MigrateError, Script, load, number},
};

pub use self::groups::Group;

/// Rev customers of a tenant (1 or 2), the first one first.
#[must_use]
pub fn customers(tenant: i32) -> [&'static str; 3] {
    if tenant == 1 {
        ["1001", "1002", "1003"]
    } else {
        ["1004", "1005", "1006"]
    }
}

/// Products that the Rev.io stand-in offers to every customer.
pub const PRODUCTS: [i32; 3] = [11, 12, 13];

/// What is laid down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where the Rev.io stand-in listens (`Integration_Connection.ProductionURL`).
    pub rev_url: String,
    /// Devices of [`Group::Assignable`] per tenant; more of them for large runs.
    pub assignable_per_tenant: u32,
}

impl Options {
    /// The usual 5,000 devices.
    #[must_use]
    pub fn new(rev_url: &str) -> Self {
        Self {
            rev_url: rev_url.to_owned(),
            assignable_per_tenant: Group::Assignable.size(),
        }
    }
}

/// What a load did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// The data was laid down: this many devices.
    Fresh {
        /// Both tenants together.
        devices: usize,
    },
    /// There were tenants already; only the address of Rev.io was changed.
    AlreadyThere,
}

/// Lays the sample data down in a database that has the tables and no rows, whole or not at all.
pub async fn lay_down(settings: &Settings, options: &Options) -> Result<Loaded, MigrateError> {
    let tenants = number(
        settings,
        &Script::new("sample/present.sql", include_str!("present.sql")),
    )
    .await?;
    let rev_url = options.rev_url.clone();
    if tenants > 0 {
        let script = Script::new("sample/rev_url.sql", include_str!("rev_url.sql")).with(rev_url);
        load(settings, &[script]).await?;
        return Ok(Loaded::AlreadyThere);
    }
    let devices = rows::devices(options);
    let scripts = [
        Script::new("sample/reference.sql", include_str!("reference.sql")).with(rev_url),
        Script::new("sample/devices.sql", include_str!("devices.sql")).with_json(&devices)?,
        Script::new("sample/assignments.sql", include_str!("assignments.sql"))
            .with_json(&rows::assignments(options))?,
    ];
    load(settings, &scripts).await?;
    Ok(Loaded::Fresh {
        devices: devices.len(),
    })
}
