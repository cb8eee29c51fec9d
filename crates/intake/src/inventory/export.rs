//! `GET /M2M/DeviceInventoryExport`: the devices of the list as a file.

use std::ops::ControlFlow;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use central::inventory;
use time::{OffsetDateTime, macros::format_description};

use super::{
    asked,
    cells::{self, COLUMNS, Cell},
    comma_separated::CommaSeparated,
    workbook::Spreadsheet,
};
use crate::{
    Intake, listing,
    problem::{Kind, Problem},
    query::Query,
    token::Permission,
    unavailable,
};

/// Where it is.
pub const ROUTE: &str = "/M2M/DeviceInventoryExport";
/// What `format` can be; the first one when it is missing.
pub const FORMATS: [&str; 2] = ["xlsx", "csv"];

/// A lambda's answer ends at 6 MB with its headers, and a file in it grows by a third (base64).
const LARGEST_FILE: usize = 4_600_000;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Xlsx,
    Csv { gzip: bool },
}

impl Form {
    /// Devices that are tried: of more than these no file was seen that fits.
    fn most(self) -> i64 {
        match self {
            Self::Xlsx => 60_000,
            Self::Csv { gzip: true } => 150_000,
            Self::Csv { gzip: false } => 40_000,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv { .. } => "text/csv; charset=utf-8",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => FORMATS[0],
            Self::Csv { .. } => FORMATS[1],
        }
    }
}

/// Answers with the file.
pub async fn export(State(intake): State<Intake>, request: Request) -> Result<Response, Problem> {
    let headers = request.headers();
    let caller = intake.verifier.caller(headers, Permission::Read).await?;
    let gzip = takes_gzip(headers);
    let mut query = Query::open(request.uri(), &[&asked::EXPORT_NAMES]);
    let filter = listing::filter(&mut query);
    let wanted = asked::wanted(&mut query, filter);
    let sort = asked::sort(&mut query);
    let format = query.take("format", |text| {
        listing::one_of("format", text, &FORMATS, |format| format)
    });
    let (wanted, sort, format) = query.finish((wanted, sort, format))?;
    let form = if format == Some(FORMATS[1]) {
        Form::Csv { gzip }
    } else {
        Form::Xlsx
    };
    let mut file = File::begin(form).map_err(|error| defect(&*error))?;
    let mut broken = None;
    let total = inventory::all_devices(
        &intake.central,
        caller.actor(),
        &wanted,
        sort,
        form.most(),
        |device| match file.row(cells::row(device)) {
            Ok(()) if file.size() <= LARGEST_FILE => ControlFlow::Continue(()),
            Ok(()) => ControlFlow::Break(()),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        },
    )
    .await
    .map_err(|error| unavailable::reading(&error))?;
    if let Some(error) = broken {
        return Err(defect(&*error));
    }
    if total > form.most() {
        return Err(too_many(total, form));
    }
    // Compressing takes a second of one core; other requests of the process go on.
    let bytes = tokio::task::spawn_blocking(move || file.finish())
        .await
        .map_err(|error| defect(&error))?
        .map_err(|error| defect(&*error))?;
    if bytes.len() > LARGEST_FILE {
        return Err(too_many(total, form));
    }
    Ok(answer(form, bytes))
}

fn answer(form: Form, bytes: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(form.content_type()),
    );
    let name = format!(
        "attachment; filename=\"ReportM2MInventory_{}.{}\"",
        stamp(OffsetDateTime::now_utc()),
        form.extension()
    );
    // Digits and ASCII letters.
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    if form == (Form::Csv { gzip: true }) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    (headers, bytes).into_response()
}

/// yyyyMMddHHmmss.
fn stamp(now: OffsetDateTime) -> String {
    now.format(format_description!(
        "[year][month][day][hour][minute][second]"
    ))
    .unwrap_or_default()
}

fn too_many(total: i64, form: Form) -> Problem {
    let way_out = match form {
        Form::Xlsx => {
            "Narrow the filters (serviceProviderId, status, revCustomerId …), or ask for format=csv with Accept-Encoding: gzip, which \
             holds more."
        }
        Form::Csv { gzip: true } => {
            "Narrow the filters (serviceProviderId, status, revCustomerId …) and fetch it in parts."
        }
        Form::Csv { gzip: false } => {
            "Narrow the filters (serviceProviderId, status, revCustomerId …), or send Accept-Encoding: gzip, with which more fits."
        }
    };
    Problem::new(
        Kind::TooManyRows,
        format!(
            "The list has {total} devices. A file of this format holds at most {} devices and {LARGEST_FILE} bytes. {way_out}",
            form.most()
        ),
    )
}

/// Whether the caller takes gzip (RFC 9110, section 12.5.3), as far as callers say it: by name or `*`, and not with a weight of 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            named
                && !parts.any(|weight| {
                    weight
                        .strip_prefix("q=")
                        .is_some_and(|q| q.trim_end_matches(['0', '.']).is_empty())
                })
        })
}

type FileError = Box<dyn std::error::Error + Send + Sync>;

/// A file in the making.
enum File {
    Xlsx(Box<Spreadsheet>),
    Csv(Box<CommaSeparated>),
}

impl File {
    fn begin(form: Form) -> Result<Self, FileError> {
        Ok(match form {
            Form::Xlsx => Self::Xlsx(Box::new(Spreadsheet::begin()?)),
            Form::Csv { gzip } => Self::Csv(Box::new(CommaSeparated::begin(gzip)?)),
        })
    }

    fn row(&mut self, cells: [Cell; COLUMNS.len()]) -> Result<(), FileError> {
        match self {
            Self::Xlsx(file) => file.row(cells)?,
            Self::Csv(file) => file.row(cells)?,
        }
        Ok(())
    }

    /// Bytes that are known so far.
    fn size(&self) -> usize {
        match self {
            // It is compressed at the end.
            Self::Xlsx(_) => 0,
            Self::Csv(file) => file.size(),
        }
    }

    fn finish(self) -> Result<Vec<u8>, FileError> {
        Ok(match self {
            Self::Xlsx(file) => file.finish()?,
            Self::Csv(file) => file.finish()?,
        })
    }
}

fn defect(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = crate::logs::told(error), "export");
    Problem::new(
        Kind::Internal,
        "The file could not be written; the request id leads to what happened.",
    )
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_file_is_named_after_the_moment() {
        assert_eq!(stamp(datetime!(2026-01-02 03:04:05 UTC)), "20260102030405");
    }

    #[test]
    fn gzip_is_used_when_it_is_asked_for() {
        for (accept, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0", false),
            ("gzip;q=0.0", false),
            ("br", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_str(accept).unwrap(),
            );
            assert_eq!(takes_gzip(&headers), expected, "{accept}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
