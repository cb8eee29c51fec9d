//! An export as CSV (RFC 4180, UTF-8), compressed as it is written where the caller takes gzip.

use std::io::{self, Write};

use flate2::{Compression, write::GzEncoder};

use super::cells::{COLUMNS, Cell};
use crate::moment;

/// Where the text goes.
enum Sink {
    Plain(Vec<u8>),
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(text) => text.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(text) => text.flush(),
            // The compressor has no need to be interrupted.
            Self::Gzip(_) => Ok(()),
        }
    }
}

/// A file in the making.
pub(super) struct CommaSeparated {
    writer: csv::Writer<Sink>,
}

impl CommaSeparated {
    pub(super) fn begin(gzip: bool) -> csv::Result<Self> {
        let sink = if gzip {
            Sink::Gzip(Box::new(GzEncoder::new(Vec::new(), Compression::fast())))
        } else {
            Sink::Plain(Vec::new())
        };
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(sink);
        writer.write_record(COLUMNS.map(|(name, _)| name))?;
        Ok(Self { writer })
    }

    pub(super) fn row(&mut self, cells: [Cell; COLUMNS.len()]) -> csv::Result<()> {
        self.writer.write_record(cells.map(written))
    }

    /// Bytes so far.
    pub(super) fn size(&self) -> usize {
        match self.writer.get_ref() {
            Sink::Plain(text) => text.len(),
            Sink::Gzip(encoder) => encoder.get_ref().len(),
        }
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        match self
            .writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?
        {
            Sink::Plain(text) => Ok(text),
            Sink::Gzip(encoder) => encoder.finish(),
        }
    }
}

fn written(cell: Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => harmless(text),
        Cell::Number(number) => number.to_string(),
        Cell::Moment(moment) => moment::written(moment),
    }
}

/// A spreadsheet takes a cell that begins so for a formula, wherever its text came from; behind an apostrophe it is text.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        for text in ["=1+1", "+1555", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert_eq!(harmless(text.to_owned()), format!("'{text}"));
        }
        assert_eq!(harmless("Fleet = 1".to_owned()), "Fleet = 1");
        assert_eq!(written(Cell::Number(-1)), "-1");
    }
}
