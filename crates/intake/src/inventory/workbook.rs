//! An export as xlsx, written row by row into a temporary file, so that memory holds one row.

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use time::PrimitiveDateTime;

use super::cells::{COLUMNS, Cell};
use crate::moment;

/// A file in the making.
pub(super) struct Spreadsheet {
    workbook: Workbook,
    moments: Format,
    rows: u32,
}

impl Spreadsheet {
    pub(super) fn begin() -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let head = Format::new().set_bold();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name("Inventory")?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, (name, width)) in (0..).zip(COLUMNS) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, name, &head)?;
        }
        Ok(Self {
            workbook,
            moments: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
            rows: 1,
        })
    }

    pub(super) fn row(&mut self, cells: [Cell; COLUMNS.len()]) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (column, cell) in (0..).zip(cells) {
            write(sheet, self.rows, column, cell, &self.moments)?;
        }
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.workbook.save_to_buffer()
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: Cell,
    moments: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        // A string is never a formula, whatever it begins with.
        Cell::Text(text) => {
            sheet.write_string(row, column, text)?;
        }
        Cell::Number(number) => {
            #[expect(
                clippy::cast_precision_loss,
                reason = "spreadsheets know no other numbers; bytes of a cycle are far below 2^53"
            )]
            sheet.write_number(row, column, number as f64)?;
        }
        Cell::Moment(moment) => match excel(moment) {
            Some(date) => {
                sheet.write_datetime_with_format(row, column, &date, moments)?;
            }
            None => {
                sheet.write_string(row, column, moment::written(moment))?;
            }
        },
    }
    Ok(())
}

/// A spreadsheet has no dates before 1900. The database can hold them (0001-01-01 is .NET's empty date); such a cell is text, as
/// in the CSV, for one odd row must not cost the whole file.
fn excel(moment: PrimitiveDateTime) -> Option<ExcelDateTime> {
    let year = u16::try_from(moment.year())
        .ok()
        .filter(|year| *year >= 1900)?;
    ExcelDateTime::from_ymd(year, moment.month().into(), moment.day())
        .and_then(|day| day.and_hms(moment.hour().into(), moment.minute(), moment.second()))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_before_the_first_day_of_spreadsheets_does_not_lose_the_file() {
        let mut spreadsheet = Spreadsheet::begin().unwrap();
        for moment in [
            datetime!(0001-01-01 0:00),
            datetime!(1753-01-01 0:00),
            datetime!(1899-12-31 23:59:59),
            datetime!(1900-01-01 0:00),
            datetime!(9999-12-31 23:59:59),
        ] {
            let row = spreadsheet.row(COLUMNS.map(|_| Cell::Moment(moment)));
            assert!(row.is_ok(), "{moment}: {row:?}");
        }
        assert!(spreadsheet.finish().unwrap().starts_with(b"PK"));
    }
}
