//! The files of infra/sql, in the order they are applied. A test compares this list with the folder.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::Which;

/// What kind of thing a file lays down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A table of AltaworxCentral.
    Central,
    /// A table that this system adds.
    Change,
    /// A procedure; left out when the database has one of these names.
    Procedure { names: &'static [&'static str] },
    /// A role with its rights.
    Rights,
}

/// One file.
#[derive(Debug, Clone, Copy)]
pub(super) struct File {
    /// Path below infra/sql.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    text: &'static str,
}

/// The file that makes dbo.Device: a database that has the table without it is not ours.
pub(super) const DEVICE: &str = "central/0014_device.sql";

macro_rules! file {
    ($kind:expr, $name:literal) => {
        File {
            name: $name,
            kind: $kind,
            text: include_str!(concat!("../../../../infra/sql/", $name)),
        }
    };
}

const CENTRAL: &[File] = &[
    file!(Kind::Central, "central/0001_integration.sql"),
    file!(Kind::Central, "central/0002_tenant.sql"),
    file!(Kind::Central, "central/0003_service_provider.sql"),
    file!(Kind::Central, "central/0004_integration_connection.sql"),
    file!(Kind::Central, "central/0005_integration_authentication.sql"),
    file!(Kind::Central, "central/0006_device_status.sql"),
    file!(Kind::Central, "central/0007_jasper_carrier_rate_plan.sql"),
    file!(Kind::Central, "central/0008_jasper_customer_rate_plan.sql"),
    file!(Kind::Central, "central/0009_customer_rate_pool.sql"),
    file!(Kind::Central, "central/0010_rev_customer.sql"),
    file!(Kind::Central, "central/0011_sites.sql"),
    file!(Kind::Central, "central/0012_rev_service.sql"),
    file!(Kind::Central, "central/0013_rev_service_product.sql"),
    file!(Kind::Central, "central/0014_device.sql"),
    file!(Kind::Central, "central/0015_device_tenant.sql"),
    file!(Kind::Central, "central/0016_device_history.sql"),
    file!(Kind::Central, "central/0017_device_status_history.sql"),
    file!(Kind::Central, "central/0018_device_bulk_change.sql"),
    file!(Kind::Central, "central/0019_device_change_request.sql"),
    file!(Kind::Central, "central/0020_m2m_device_change.sql"),
    file!(Kind::Central, "central/0021_device_bulk_change_log.sql"),
    file!(Kind::Central, "central/0022_device_action_history.sql"),
    file!(
        Kind::Central,
        "central/0023_device_customer_rate_plan_or_rate_pool_queue.sql"
    ),
    file!(Kind::Central, "central/0024_user_role_site.sql"),
];

const CHANGES: &[File] = &[
    file!(Kind::Change, "changes/0001_bulk_change_work.sql"),
    file!(Kind::Change, "changes/0002_device_change_work.sql"),
    file!(Kind::Change, "changes/0003_bulk_change_outbox.sql"),
    file!(Kind::Change, "changes/0004_bulk_change_request_key.sql"),
    file!(Kind::Change, "changes/0005_rev_call_budget.sql"),
    file!(Kind::Change, "changes/0006_device_status_policy.sql"),
    file!(Kind::Change, "changes/0007_rev_account_action.sql"),
    file!(Kind::Change, "changes/0008_lists.sql"),
    file!(
        Kind::Procedure {
            names: &["usp_UpdateCrossProviderDeviceHistory"]
        },
        "changes/procedures/usp_UpdateCrossProviderDeviceHistory.sql"
    ),
    file!(
        Kind::Procedure {
            names: &["usp_DeviceBulkChange_RevService_UpdateM2MChange"]
        },
        "changes/procedures/usp_DeviceBulkChange_RevService_UpdateM2MChange.sql"
    ),
    file!(
        Kind::Procedure {
            names: &[
                "UPDATE_DEVICE_REV_SERVICE_LINKS",
                "usp_UpdateDevice_RevServiceLinks"
            ]
        },
        "changes/procedures/UPDATE_DEVICE_REV_SERVICE_LINKS.sql"
    ),
];

/// The roles, applied by themselves each time: see infra/sql/rights.
pub(super) const RIGHTS: &[File] = &[
    file!(Kind::Rights, "rights/0001_intake.sql"),
    file!(Kind::Rights, "rights/0002_consumer.sql"),
    file!(Kind::Rights, "rights/0003_ops.sql"),
];

/// The files of a part, in order.
pub(super) fn of(which: Which) -> Vec<File> {
    let central = (which != Which::Changes).then_some(CENTRAL);
    let changes = (which != Which::Central).then_some(CHANGES);
    central
        .into_iter()
        .chain(changes)
        .flatten()
        .copied()
        .collect()
}

impl File {
    /// SHA-256 of the text with LF line ends, so that a checkout's line ends do not count.
    pub(super) fn checksum(&self) -> String {
        let digest = Sha256::digest(self.text.replace("\r\n", "\n"));
        digest.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The batches between lines that hold nothing but GO, as sqlcmd splits them.
    pub(super) fn batches(&self) -> Vec<String> {
        split(self.text)
    }
}

fn split(text: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in text.lines() {
        if line.trim().eq_ignore_ascii_case("go") {
            batches.push(String::new());
        } else if let Some(batch) = batches.last_mut() {
            batch.push_str(line);
            batch.push('\n');
        }
    }
    batches.retain(|batch| !batch.trim().is_empty());
    batches
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn in_folder(root: &Path, folder: &str) -> BTreeSet<String> {
        fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|extension| extension == "sql")
            })
            .map(|name| format!("{folder}/{name}"))
            .collect()
    }

    #[test]
    fn every_file_of_the_folder_is_listed_in_order() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/sql");
        let listed: Vec<_> = of(Which::Both).iter().map(|file| file.name).collect();
        let mut expected: Vec<String> = in_folder(&root, "central").into_iter().collect();
        expected.extend(in_folder(&root, "changes"));
        let tables = expected.len();
        assert_eq!(listed[..tables], expected);
        let procedures: BTreeSet<String> =
            listed[tables..].iter().copied().map(String::from).collect();
        assert_eq!(procedures, in_folder(&root, "changes/procedures"));
        let rights: BTreeSet<String> = RIGHTS.iter().map(|file| file.name.to_owned()).collect();
        assert_eq!(rights, in_folder(&root, "rights"));
    }

    #[test]
    fn a_file_is_split_at_lines_that_hold_nothing_but_go() {
        assert_eq!(
            split("SELECT 1;\nGO\n-- let's GO\nSELECT 'GO';\r\n  go  \nGO\n"),
            ["SELECT 1;\n", "-- let's GO\nSELECT 'GO';\n"]
        );
    }
}
