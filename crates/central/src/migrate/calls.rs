//! Whether procedures that a database has of its own can be called the way `record.sql` and `finish.sql` call them.
//!
//! SQL Server does not tell of a T-SQL parameter whether it has a default, so a parameter that is not given is no fault here.

use std::fmt;

/// A procedure as it is called.
struct Called {
    name: &'static str,
    arguments: Arguments,
}

enum Arguments {
    /// By name, in whatever order.
    Named(&'static [(&'static str, Kind)]),
    /// By position, because nobody knows what the parameters are called.
    Placed(&'static [Kind]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Bit,
    Day,
}

const CALLED: [Called; 4] = [
    Called {
        name: "usp_UpdateCrossProviderDeviceHistory",
        arguments: Arguments::Placed(&[
            Kind::Text,
            Kind::Text,
            Kind::Number,
            Kind::Number,
            Kind::Number,
            Kind::Day,
        ]),
    },
    Called {
        name: "usp_DeviceBulkChange_RevService_UpdateM2MChange",
        arguments: Arguments::Named(&[
            ("@ChangeId", Kind::Number),
            ("@apiCallResult", Kind::Bit),
            ("@statusDetails", Kind::Text),
        ]),
    },
    Called {
        name: "UPDATE_DEVICE_REV_SERVICE_LINKS",
        arguments: Arguments::Placed(&[]),
    },
    Called {
        name: "usp_UpdateDevice_RevServiceLinks",
        arguments: Arguments::Placed(&[]),
    },
];

/// A call that would fail: with 8144 (too many arguments), 8145 (no such parameter), or in the conversion of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFault {
    procedure: &'static str,
    words: String,
}

impl fmt::Display for CallFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "procedure dbo.{} {}; infra/sql/changes/procedures shows how it is called",
            self.procedure, self.words
        )
    }
}

/// The names that are asked for.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    CALLED.iter().map(|called| called.name)
}

/// Compares the parameters of the procedures that a database has; one that it does not have will be ours.
pub(super) fn compare(procedures: &[(String, Vec<(String, String)>)]) -> Vec<CallFault> {
    let mut faults = Vec::new();
    for called in &CALLED {
        let theirs = procedures.iter().find(|(name, _)| name == called.name);
        let Some((_, parameters)) = theirs else {
            continue;
        };
        faults.extend(
            compare_one(&called.arguments, parameters)
                .into_iter()
                .map(|words| CallFault {
                    procedure: called.name,
                    words,
                }),
        );
    }
    faults
}

fn compare_one(arguments: &Arguments, parameters: &[(String, String)]) -> Vec<String> {
    match arguments {
        Arguments::Named(arguments) => arguments
            .iter()
            .filter_map(|(wanted, kind)| {
                let found = parameters
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
                match found {
                    None => Some(format!(
                        "has no parameter {wanted}, and is called with it by name"
                    )),
                    Some((name, type_name)) => unlike(*kind, name, type_name),
                }
            })
            .collect(),
        Arguments::Placed(kinds) if parameters.len() < kinds.len() => vec![format!(
            "has {} parameters, and is called with {} by position",
            parameters.len(),
            kinds.len()
        )],
        Arguments::Placed(kinds) => kinds
            .iter()
            .zip(parameters)
            .filter_map(|(kind, (name, type_name))| unlike(*kind, name, type_name))
            .collect(),
    }
}

/// Words when a parameter of this type cannot take what it is given. Text takes everything.
fn unlike(kind: Kind, name: &str, type_name: &str) -> Option<String> {
    let text = matches!(type_name, "char" | "nchar" | "varchar" | "nvarchar");
    let number = matches!(
        type_name,
        "int" | "bigint" | "smallint" | "tinyint" | "decimal" | "numeric"
    );
    let takes = match kind {
        Kind::Text => text,
        Kind::Number => number || text,
        Kind::Bit => number || text || type_name == "bit",
        Kind::Day => {
            text || matches!(
                type_name,
                "date" | "datetime" | "datetime2" | "smalldatetime"
            )
        }
    };
    let given = match kind {
        Kind::Text => "text",
        Kind::Number => "a whole number",
        Kind::Bit => "a bit",
        Kind::Day => "a date",
    };
    (!takes).then(|| format!("takes {type_name} as {name}, and is given {given}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str, parameters: &[(&str, &str)]) -> Vec<String> {
        let parameters = parameters
            .iter()
            .map(|(name, type_name)| ((*name).to_owned(), (*type_name).to_owned()))
            .collect();
        compare(&[(name.to_owned(), parameters)])
            .into_iter()
            .map(|fault| fault.words)
            .collect()
    }

    #[test]
    fn named_arguments_fit_in_any_order_and_beside_others() {
        let name = "usp_DeviceBulkChange_RevService_UpdateM2MChange";
        let fitting = [
            ("@StatusDetails", "varchar"),
            ("@apiCallResult", "bit"),
            ("@more", "int"),
            ("@changeid", "bigint"),
        ];
        assert_eq!(words(name, &fitting), [""; 0]);
        assert_eq!(
            words(
                name,
                &[
                    ("@id", "bigint"),
                    ("@apiCallResult", "date"),
                    ("@statusDetails", "varchar")
                ]
            ),
            [
                "has no parameter @ChangeId, and is called with it by name",
                "takes date as @apiCallResult, and is given a bit"
            ]
        );
    }

    #[test]
    fn placed_arguments_need_a_place_and_a_type_that_takes_them() {
        let name = "usp_UpdateCrossProviderDeviceHistory";
        let six = [
            ("@a", "varchar"),
            ("@b", "nvarchar"),
            ("@c", "int"),
            ("@d", "int"),
            ("@e", "bigint"),
            ("@f", "datetime"),
        ];
        assert_eq!(words(name, &six), [""; 0]);
        assert_eq!(
            words(name, &six[..5]),
            ["has 5 parameters, and is called with 6 by position"]
        );
        let mut turned = six;
        turned.swap(1, 5);
        assert_eq!(
            words(name, &turned),
            ["takes datetime as @f, and is given text"]
        );
        assert_eq!(words("UPDATE_DEVICE_REV_SERVICE_LINKS", &[]), [""; 0]);
    }
}
