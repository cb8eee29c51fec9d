//! An AltaworxCentral the way somebody else made it: from infra/sql/central, with all that this system does not depend on changed.
//!
//! Tables and columns in another case, other names of keys, no foreign keys, no checks and no indexes of ours, `datetime` where
//! we say `datetime2`, other identity values, columns and tables that we know nothing of, rows in them, and procedures of its own
//! under the names that we call, which write down how they were called and answer with result sets.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test binary uses its own part; a test that cannot be set up fails"
)]

use std::{fs, path::Path};

/// The batches that make it.
#[must_use]
pub fn batches() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("infra/sql/central"))
        .find(|folder| folder.is_dir())
        .unwrap();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let tables = files
        .iter()
        .map(|file| as_somebody_else_wrote_it(&fs::read_to_string(file).unwrap()));
    tables
        .chain(ITS_OWN.iter().map(|text| (*text).to_owned()))
        .collect()
}

/// The CREATE TABLE of a file, otherwise.
fn as_somebody_else_wrote_it(file: &str) -> String {
    let start = file.find("CREATE TABLE dbo.").unwrap();
    let text = &file[start..start + file[start..].find("\n);").unwrap()];
    let mut lines = text.lines();
    let name = lines.next().unwrap()["CREATE TABLE dbo.".len()..]
        .trim_end_matches(" (")
        .to_owned();
    let mut elements = Vec::new();
    for line in lines {
        let line = line.trim().trim_end_matches(',');
        if line.starts_with("--") || line.contains("FOREIGN KEY") || line.contains("CHECK (") {
            continue;
        }
        let line = line
            .replace("datetime2(3)", "datetime")
            .replace("SYSUTCDATETIME()", "GETUTCDATE()")
            .replace("IDENTITY(1,1)", "IDENTITY(7001,1)");
        elements.push(renamed(&line));
    }
    let key = elements.len()
        - elements
            .iter()
            .filter(|it| it.starts_with("CONSTRAINT"))
            .count();
    elements.insert(key, "LegacyNote nvarchar(100) NULL".to_owned());
    elements.insert(key, "LegacyFlag bit NOT NULL DEFAULT 0".to_owned());
    let name = if name == "Device" {
        "DEVICE".to_owned()
    } else {
        name
    };
    format!("CREATE TABLE dbo.{name} ({});", elements.join(", "))
}

/// A column or key under another name; a default without one.
fn renamed(line: &str) -> String {
    let Some((before, after)) = line.split_once("CONSTRAINT ") else {
        // The first word is the column: in another case.
        let (column, rest) = line.split_once(' ').unwrap();
        return format!("{} {rest}", column.to_uppercase());
    };
    let (name, rule) = after.split_once(' ').unwrap();
    if rule.starts_with("DEFAULT") {
        let (column, rest) = before.split_once(' ').unwrap();
        return format!("{} {rest}{rule}", column.to_lowercase());
    }
    format!("{before}CONSTRAINT legacy_{name} {rule}")
}

/// What it has beside: tables, rows, procedures.
const ITS_OWN: [&str; 7] = [
    "CREATE TABLE dbo.LegacyCalls (
        id int IDENTITY(1,1) NOT NULL PRIMARY KEY, Called nvarchar(100) NOT NULL, Arguments nvarchar(max) NULL,
        CalledAt datetime NOT NULL DEFAULT GETUTCDATE());",
    "CREATE TABLE dbo.LegacySwitch (Fails nvarchar(100) NOT NULL);",
    "INSERT INTO dbo.Integration (id, Name, PortalTypeId, HasServiceProvider, CreatedBy) VALUES (4, N'ThingSpace', 0, 1, N'legacy');
     INSERT INTO dbo.Tenant (Name, CreatedBy) VALUES (N'Fake Legacy Tenant', N'legacy');
     INSERT INTO dbo.ServiceProvider (Name, IntegrationId, TenantId, CreatedBy) VALUES (N'Fake Legacy', 4, 7001, N'legacy');
     INSERT INTO dbo.Device (ServiceProviderId, ICCID, CreatedBy, LegacyNote) VALUES (7001, N'8900000000000000001', N'legacy', N'was there');",
    "CREATE PROCEDURE dbo.usp_UpdateCrossProviderDeviceHistory
        @deviceIds varchar(max), @mobilityIds varchar(max), @portalType int, @tenant int, @provider int, @day datetime, @more bit = 1
     AS
     BEGIN
        IF EXISTS (SELECT 1 FROM dbo.LegacySwitch WHERE Fails = N'history') THROW 50001, N'the history of others is closed', 1;
        INSERT INTO dbo.LegacyCalls (Called, Arguments)
        VALUES (N'history', CONCAT(@deviceIds, N'|', @mobilityIds, N'|', @portalType, N'|', @tenant, N'|', @provider, N'|', CONVERT(varchar(10), @day, 23), N'|', @more));
        SELECT id, Called FROM dbo.LegacyCalls;
        SELECT N'done' AS Result;
     END;",
    "CREATE PROCEDURE dbo.usp_DeviceBulkChange_RevService_UpdateM2MChange
        (@statusDetails nvarchar(max), @ChangeId bigint, @apiCallResult bit, @Processor nvarchar(50) = N'legacy')
     AS
     BEGIN
        INSERT INTO dbo.LegacyCalls (Called, Arguments) VALUES (N'mark', CONCAT(@ChangeId, N'|', @apiCallResult, N'|', @statusDetails));
        UPDATE dbo.M2M_DeviceChange SET Status = N'PROCESSING', LegacyNote = @Processor WHERE id = @ChangeId;
        SELECT @ChangeId AS ChangeId, N'stale' AS Outcome;
     END;",
    "CREATE PROCEDURE dbo.UPDATE_DEVICE_REV_SERVICE_LINKS AS
     BEGIN
        INSERT INTO dbo.LegacyCalls (Called) VALUES (N'links under our name');
     END;",
    "CREATE PROCEDURE dbo.usp_UpdateDevice_RevServiceLinks AS
     BEGIN
        IF EXISTS (SELECT 1 FROM dbo.LegacySwitch WHERE Fails = N'links') THROW 50002, N'the links of others are closed', 1;
        INSERT INTO dbo.LegacyCalls (Called) VALUES (N'links');
        SELECT 1 AS Won, COUNT(*) AS LinkedBulkChangeId FROM dbo.LegacyCalls;
     END;",
];
