//! Indexes without which hot statements read whole tables. A database that somebody else made may have them under other names,
//! so what counts is the first column of a key; what is missing is told and refused nothing, because all works, slowly.

use std::fmt;

/// An index that a statement of every submit, chunk or page needs on a large table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeededIndex {
    /// As infra/sql/central names it.
    pub name: &'static str,
    /// Without schema.
    pub table: &'static str,
    /// The first column of its key.
    pub column: &'static str,
    /// What reads the whole table without it.
    pub without: &'static str,
}

/// All of them, but for what this system's own changes lay down (`IX_M2M_DeviceChange_ICCID`); docs/OPERATIONS.md lists the same.
pub const NEEDED: [NeededIndex; 11] = [
    index("IX_Device_ICCID", "Device", "ICCID", "each submit"),
    index(
        "IX_RevService_Number",
        "RevService",
        "RevCustomerId",
        "each submit and each claim",
    ),
    index(
        "UX_RevService_Line",
        "RevService",
        "IntegrationAuthenticationId",
        "each record",
    ),
    index(
        "IX_RevCustomer_RevCustomerId",
        "RevCustomer",
        "TenantId",
        "each submit",
    ),
    index(
        "IX_Sites_RevCustomerId",
        "Sites",
        "RevCustomerId",
        "each submit and each list",
    ),
    index(
        "UQ_Device_Tenant_Device",
        "Device_Tenant",
        "DeviceId",
        "each submit, claim and record",
    ),
    index(
        "IX_DeviceBulkChange_TenantId",
        "DeviceBulkChange",
        "TenantId",
        "the list of bulk changes",
    ),
    index(
        "IX_M2M_DeviceChange_BulkChangeId",
        "M2M_DeviceChange",
        "BulkChangeId",
        "each status and each finish",
    ),
    index(
        "IX_DeviceBulkChangeLog_BulkChangeId",
        "DeviceBulkChangeLog",
        "BulkChangeId",
        "the log of a device",
    ),
    index(
        "IX_DeviceActionHistory_Device",
        "DeviceActionHistory",
        "M2MDeviceId",
        "the history of a device",
    ),
    index(
        "IX_User_Role_Site_UserId",
        "User_Role_Site",
        "UserId",
        "each request of a user",
    ),
];

const fn index(
    name: &'static str,
    table: &'static str,
    column: &'static str,
    without: &'static str,
) -> NeededIndex {
    NeededIndex {
        name,
        table,
        column,
        without,
    }
}

/// Those of which no index begins with the same column. `leading` holds tables and first columns of keys; names are compared
/// whatever their case: an index in another spelling serves as well.
pub(super) fn missing(leading: &[(String, String)]) -> Vec<NeededIndex> {
    let serves = |needed: &NeededIndex| {
        leading.iter().any(|(table, column)| {
            table.eq_ignore_ascii_case(needed.table) && column.eq_ignore_ascii_case(needed.column)
        })
    };
    NEEDED
        .into_iter()
        .filter(|needed| !serves(needed))
        .collect()
}

impl fmt::Display for NeededIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            table,
            column,
            without,
        } = self;
        write!(
            f,
            "dbo.{table} ({column}, …) as {name}: {without} reads the whole table"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_of_another_name_serves_when_it_begins_with_the_column() {
        let pair = |table: &str, column: &str| (table.to_owned(), column.to_owned());
        let mut all: Vec<_> = NEEDED.iter().map(|it| pair(it.table, it.column)).collect();
        assert_eq!(missing(&all), []);
        all.retain(|(table, _)| table != "Device");
        all.push(pair("Device", "ServiceProviderId"));
        let names = |leading: &[_]| {
            missing(leading)
                .iter()
                .map(|it| it.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&all), ["IX_Device_ICCID"]);
        all.push(pair("DEVICE", "iccid"));
        assert_eq!(names(&all), [""; 0]);
    }
}
