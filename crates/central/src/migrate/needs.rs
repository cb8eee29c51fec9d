//! Whether a database that somebody else made has what the statements need, found out before anything is laid down.
//!
//! `needed.json` is derived from the statements themselves (test `embedded_needed`): the columns of AltaworxCentral that they
//! read or write, and what each INSERT gives. Columns that no statement names may be missing.

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;

use super::calls::{self, CallFault};

/// Read by the runner, as `needs.sql` answers it.
pub(super) const NEEDS: &str = include_str!("needs.sql");

/// What the statements need.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Needed {
    columns: Vec<NeededColumn>,
    inserts: Vec<Insert>,
}

#[derive(Debug, Clone, Deserialize)]
struct NeededColumn {
    table: String,
    column: String,
    /// As sys.types names it.
    r#type: String,
    /// `max_length` of sys.columns, -1 for max.
    bytes: i16,
    written: bool,
}

/// What one INSERT gives.
#[derive(Debug, Clone, Deserialize)]
struct Insert {
    table: String,
    columns: Vec<String>,
}

/// A column that the database has.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// As `needed.json` spells it.
    pub(super) table: String,
    pub(super) name: String,
    pub(super) type_name: String,
    pub(super) bytes: i16,
    /// An INSERT has to give it.
    pub(super) demanded: bool,
}

/// What the database has.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    pub(super) columns: Vec<Column>,
    /// Procedures with their parameters: name, and type as sys.types names it.
    pub(super) procedures: Vec<(String, Vec<(String, String)>)>,
    /// Tables with the first column of each of their keys.
    pub(super) leading: Vec<(String, String)>,
    /// Whether `Name` and `name` are two names.
    pub(super) case_counts: bool,
}

/// One thing that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The whole table.
    MissingTable(String),
    /// A column.
    MissingColumn {
        /// Without schema.
        table: String,
        /// As infra/sql/central spells it.
        column: String,
        /// With length.
        wanted: String,
    },
    /// A column whose values would be read or written as something else.
    OtherType {
        /// Without schema.
        table: String,
        /// As infra/sql/central spells it.
        column: String,
        /// What the database has.
        found: String,
        /// What the statements read.
        wanted: String,
    },
    /// A column that is written, and holds less than is written.
    TooShort {
        /// Without schema.
        table: String,
        /// As infra/sql/central spells it.
        column: String,
        /// Characters, -1 without limit.
        holds: i16,
        /// Characters, -1 without limit.
        wanted: i16,
    },
    /// A column that every INSERT has to give, and one of ours does not.
    Demanded {
        /// Without schema.
        table: String,
        /// As the database spells it.
        column: String,
    },
    /// A procedure that cannot be called the way it will be.
    Call(CallFault),
}

/// Everything that does not fit, with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit(pub Vec<Fault>);

impl Needed {
    /// From the file.
    pub(super) fn read() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("needed.json"))
    }

    /// The tables that are needed, each once.
    pub(super) fn tables(&self) -> BTreeSet<&str> {
        let of_columns = self.columns.iter().map(|it| it.table.as_str());
        of_columns
            .chain(self.inserts.iter().map(|it| it.table.as_str()))
            .collect()
    }

    /// Compares; the faults come by table.
    pub(super) fn compare(&self, found: &Found) -> Vec<Fault> {
        let mut faults = Vec::new();
        for table in self.tables() {
            if found.columns.iter().any(|column| column.table == table) {
                self.compare_table(table, found, &mut faults);
            } else {
                faults.push(Fault::MissingTable(table.to_owned()));
            }
        }
        faults.extend(
            calls::compare(&found.procedures)
                .into_iter()
                .map(Fault::Call),
        );
        faults
    }

    fn compare_table(&self, table: &str, found: &Found, faults: &mut Vec<Fault>) {
        let same = |a: &str, b: &str| {
            if found.case_counts {
                a == b
            } else {
                a.eq_ignore_ascii_case(b)
            }
        };
        let theirs = || found.columns.iter().filter(|it| it.table == table);
        for needed in self.columns.iter().filter(|it| it.table == table) {
            match theirs().find(|it| same(&it.name, &needed.column)) {
                None => faults.push(Fault::MissingColumn {
                    table: table.to_owned(),
                    column: needed.column.clone(),
                    wanted: shown(&needed.r#type, needed.bytes),
                }),
                Some(column) => faults.extend(misfit(needed, column)),
            }
        }
        let inserts = || self.inserts.iter().filter(|it| it.table == table);
        for column in theirs().filter(|it| it.demanded) {
            let left_out =
                |insert: &Insert| !insert.columns.iter().any(|it| same(it, &column.name));
            if inserts().any(left_out) {
                faults.push(Fault::Demanded {
                    table: table.to_owned(),
                    column: column.name.clone(),
                });
            }
        }
    }
}

/// What types have in common, as far as the statements and the driver care. A datetime may stand for a datetime2, a varchar for
/// an nvarchar; int and bigint are two things, because the driver reads each as its own.
fn family(type_name: &str) -> &str {
    match type_name {
        "char" | "nchar" | "varchar" | "nvarchar" => "text",
        "datetime" | "datetime2" | "smalldatetime" => "time",
        "decimal" | "numeric" => "decimal",
        "binary" | "varbinary" => "bytes",
        other => other,
    }
}

fn misfit(needed: &NeededColumn, column: &Column) -> Option<Fault> {
    let (table, name) = (needed.table.clone(), needed.column.clone());
    if family(&needed.r#type) != family(&column.type_name) {
        return Some(Fault::OtherType {
            table,
            column: name,
            found: shown(&column.type_name, column.bytes),
            wanted: shown(&needed.r#type, needed.bytes),
        });
    }
    if !needed.written || family(&needed.r#type) != "text" {
        return None;
    }
    let wanted = characters(&needed.r#type, needed.bytes);
    let holds = characters(&column.type_name, column.bytes);
    let shorter = holds != -1 && (wanted == -1 || holds < wanted);
    shorter.then_some(Fault::TooShort {
        table,
        column: name,
        holds,
        wanted,
    })
}

/// Characters that fit, -1 without limit.
fn characters(type_name: &str, bytes: i16) -> i16 {
    match bytes {
        -1 => -1,
        bytes if type_name.starts_with('n') => bytes / 2,
        bytes => bytes,
    }
}

/// The type with its length where it has one.
fn shown(type_name: &str, bytes: i16) -> String {
    match (family(type_name), characters(type_name, bytes)) {
        ("text" | "bytes", -1) => format!("{type_name}(max)"),
        ("text" | "bytes", length) => format!("{type_name}({length})"),
        _ => type_name.to_owned(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = |length: &i16| match length {
            -1 => "any number of".to_owned(),
            length => length.to_string(),
        };
        match self {
            Self::MissingTable(table) => write!(f, "table dbo.{table} is missing"),
            Self::MissingColumn {
                table,
                column,
                wanted,
            } => write!(f, "column dbo.{table}.{column} is missing ({wanted})"),
            Self::OtherType {
                table,
                column,
                found,
                wanted,
            } => write!(
                f,
                "column dbo.{table}.{column} is {found}, needed is {wanted}"
            ),
            Self::TooShort {
                table,
                column,
                holds,
                wanted,
            } => write!(
                f,
                "column dbo.{table}.{column} holds {} characters, written are up to {}",
                length(holds),
                length(wanted)
            ),
            Self::Demanded { table, column } => write!(
                f,
                "column dbo.{table}.{column} takes no NULL and has no default, and an INSERT of this system does not give it"
            ),
            Self::Call(fault) => fault.fmt(f),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "refused, and nothing was applied: this database lacks what the statements need"
        )?;
        for fault in &self.0 {
            writeln!(f, "  {fault}")?;
        }
        write!(
            f,
            "infra/sql/central shows each table as it is needed; what is missing there is added by hand (a column as NULL or with \
             a default, so that whoever else uses the table goes on), then run this again"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed() -> Needed {
        serde_json::from_str(
            r#"{"columns": [
                {"table": "T", "column": "id", "type": "bigint", "bytes": 8, "written": false},
                {"table": "T", "column": "Name", "type": "nvarchar", "bytes": 100, "written": true},
                {"table": "T", "column": "Day", "type": "datetime2", "bytes": 7, "written": true},
                {"table": "U", "column": "Details", "type": "nvarchar", "bytes": -1, "written": false}],
              "inserts": [{"table": "T", "columns": ["Name", "Day"]}, {"table": "T", "columns": ["Name"]}]}"#,
        )
        .unwrap()
    }

    fn column(table: &str, name: &str, type_name: &str, bytes: i16) -> Column {
        Column {
            table: table.to_owned(),
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            bytes,
            demanded: false,
        }
    }

    fn fitting() -> Found {
        Found {
            columns: vec![
                column("T", "ID", "bigint", 8),
                column("T", "name", "varchar", 50),
                column("T", "Day", "datetime", 8),
                column("T", "more", "int", 4),
                column("U", "Details", "varchar", 20),
            ],
            ..Found::default()
        }
    }

    fn words(found: &Found) -> Vec<String> {
        needed()
            .compare(found)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn other_spelling_related_types_and_more_columns_fit() {
        assert_eq!(words(&fitting()), [""; 0]);
    }

    #[test]
    fn everything_that_does_not_fit_is_told_at_once() {
        let mut found = fitting();
        found.columns = vec![
            column("T", "id", "int", 4),
            column("T", "Name", "nvarchar", 40),
            Column {
                demanded: true,
                ..column("T", "Day", "datetime", 8)
            },
            Column {
                demanded: true,
                ..column("T", "Region", "int", 4)
            },
        ];
        assert_eq!(
            words(&found),
            [
                "column dbo.T.id is int, needed is bigint",
                "column dbo.T.Name holds 20 characters, written are up to 50",
                "column dbo.T.Day takes no NULL and has no default, and an INSERT of this system does not give it",
                "column dbo.T.Region takes no NULL and has no default, and an INSERT of this system does not give it",
                "table dbo.U is missing",
            ]
        );
    }

    #[test]
    fn where_case_counts_another_spelling_is_missing() {
        let found = Found {
            case_counts: true,
            ..fitting()
        };
        assert_eq!(
            words(&found),
            [
                "column dbo.T.id is missing (bigint)",
                "column dbo.T.Name is missing (nvarchar(50))"
            ]
        );
    }
}
