//! Values of parameters, from the wire.

use rust_decimal::Decimal;
use time::{Date, Duration, PrimitiveDateTime, Time, UtcOffset};
use uuid::Uuid;

use super::{
    code_page,
    reader::{Malformed, Reader, utf16},
    type_info::{Extent, Incoming, Meaning},
};
use crate::value::Value;

const NULL_WORD: u16 = 0xFFFF;
const NULL_CHUNKS: u64 = u64::MAX;
const UNKNOWN_LENGTH: u64 = u64::MAX - 1;

/// Reads a value of this type.
pub(super) fn read(reader: &mut Reader<'_>, incoming: Incoming) -> Result<Value, Malformed> {
    match incoming.extent {
        Extent::Fixed(0) => Ok(Value::Null),
        Extent::Fixed(length) => meaning_of(incoming.meaning, reader.take(length)?),
        Extent::Byte => match reader.u8()? {
            0 => Ok(Value::Null),
            length => meaning_of(incoming.meaning, reader.take(usize::from(length))?),
        },
        Extent::Word => match reader.u16()? {
            NULL_WORD => Ok(Value::Null),
            length => meaning_of(incoming.meaning, reader.take(usize::from(length))?),
        },
        Extent::Chunks => match chunks(reader)? {
            None => Ok(Value::Null),
            Some(bytes) => meaning_of(incoming.meaning, &bytes),
        },
    }
}

/// A value in chunks, each with its length before it, up to one of length 0. The total before them may be unknown.
fn chunks(reader: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Malformed> {
    let total = reader.u64()?;
    if total == NULL_CHUNKS {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    loop {
        let length = reader.u32()?;
        if length == 0 {
            break;
        }
        let length =
            usize::try_from(length).map_err(|_| Malformed::new("a chunk longer than memory"))?;
        bytes.extend_from_slice(reader.take(length)?);
    }
    if total != UNKNOWN_LENGTH && u64::try_from(bytes.len()).ok() != Some(total) {
        return Err(Malformed::new(format!(
            "chunks of {} bytes, {total} announced",
            bytes.len()
        )));
    }
    Ok(Some(bytes))
}

fn meaning_of(meaning: Meaning, bytes: &[u8]) -> Result<Value, Malformed> {
    match meaning {
        Meaning::Null => Ok(Value::Null),
        Meaning::Bit => Ok(Value::Bit(Reader::new(bytes).u8()? != 0)),
        Meaning::Whole => whole(bytes).map(Value::Int),
        Meaning::Float => float(bytes).map(Value::Float),
        Meaning::Money => money(bytes).map(Value::Decimal),
        Meaning::Decimal { scale } => decimal(bytes, scale).map(Value::Decimal),
        Meaning::Utf16 => utf16(bytes).map(Value::Text),
        Meaning::CodePage => Ok(Value::Text(code_page::decode(bytes))),
        Meaning::Bytes => Ok(Value::Binary(bytes.to_vec())),
        Meaning::Guid => Ok(Value::Uuid(Uuid::from_bytes_le(exact(bytes)?))),
        Meaning::Date => date(bytes).map(Value::Date),
        Meaning::DateTime => old_date_time(bytes).map(Value::DateTime),
        Meaning::DateTime2 { scale } => date_time(bytes, scale).map(Value::DateTime),
        Meaning::DateTimeOffset { scale } => {
            let (before, minutes) = bytes
                .split_last_chunk::<2>()
                .ok_or_else(|| Malformed::new("a datetimeoffset without its offset"))?;
            let seconds = i32::from(i16::from_le_bytes(*minutes)) * 60;
            let offset = UtcOffset::from_whole_seconds(seconds)
                .map_err(|_| Malformed::new("an offset of more than a day"))?;
            let moment = date_time(before, scale)?
                .assume_utc()
                .checked_to_offset(offset)
                .ok_or_else(|| Malformed::new("a moment out of range"))?;
            Ok(Value::DateTimeOffset(moment))
        }
    }
}

fn exact<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Malformed> {
    <[u8; N]>::try_from(bytes)
        .map_err(|_| Malformed::new(format!("a value of {} bytes instead of {N}", bytes.len())))
}

fn whole(bytes: &[u8]) -> Result<i64, Malformed> {
    match bytes.len() {
        // tinyint alone has no sign.
        1 => Ok(i64::from(u8::from_le_bytes(exact(bytes)?))),
        2 => Ok(i64::from(i16::from_le_bytes(exact(bytes)?))),
        4 => Ok(i64::from(i32::from_le_bytes(exact(bytes)?))),
        _ => Ok(i64::from_le_bytes(exact(bytes)?)),
    }
}

fn float(bytes: &[u8]) -> Result<f64, Malformed> {
    match bytes.len() {
        4 => Ok(f64::from(f32::from_le_bytes(exact(bytes)?))),
        _ => Ok(f64::from_le_bytes(exact(bytes)?)),
    }
}

/// Ten-thousandths; of eight bytes the more significant half comes first.
fn money(bytes: &[u8]) -> Result<Decimal, Malformed> {
    let units = if bytes.len() == 4 {
        i64::from(i32::from_le_bytes(exact(bytes)?))
    } else {
        let halves: [u8; 8] = exact(bytes)?;
        i64::from_le_bytes(halves).rotate_left(32)
    };
    Ok(Decimal::new(units, 4))
}

fn decimal(bytes: &[u8], scale: u8) -> Result<Decimal, Malformed> {
    let (sign, magnitude) = bytes
        .split_first()
        .ok_or_else(|| Malformed::new("a decimal of no bytes"))?;
    let mut wide = [0_u8; 16];
    wide.get_mut(..magnitude.len())
        .ok_or_else(|| Malformed::new("a decimal of more than 17 bytes"))?
        .copy_from_slice(magnitude);
    let magnitude = i128::try_from(u128::from_le_bytes(wide))
        .map_err(|_| Malformed::new("a decimal of more than 38 digits"))?;
    let units = if *sign == 0 { -magnitude } else { magnitude };
    Decimal::try_from_i128_with_scale(units, u32::from(scale)).map_err(|_| {
        Malformed::new("a decimal of more than 28 digits, which this server does not keep")
    })
}

/// The first day of date, datetime2 and datetimeoffset, from which days are counted.
fn first_day() -> Result<Date, Malformed> {
    Date::from_ordinal_date(1, 1).map_err(|_| Malformed::new("a date out of range"))
}

fn date(bytes: &[u8]) -> Result<Date, Malformed> {
    let [a, b, c]: [u8; 3] = exact(bytes)?;
    let days = i64::from(u32::from_le_bytes([a, b, c, 0]));
    first_day()?
        .checked_add(Duration::days(days))
        .ok_or_else(|| Malformed::new("a date after the year 9999"))
}

fn date_time(bytes: &[u8], scale: u8) -> Result<PrimitiveDateTime, Malformed> {
    let (of_day, days) = bytes
        .split_last_chunk::<3>()
        .ok_or_else(|| Malformed::new("a datetime2 without its date"))?;
    let mut wide = [0_u8; 8];
    wide.get_mut(..of_day.len())
        .ok_or_else(|| Malformed::new("a time of day of more than 8 bytes"))?
        .copy_from_slice(of_day);
    let nanoseconds = u64::from_le_bytes(wide).checked_mul(10_u64.pow(9 - u32::from(scale.min(9))));
    Ok(PrimitiveDateTime::new(
        date(days)?,
        time_of_day(nanoseconds)?,
    ))
}

fn time_of_day(nanoseconds: Option<u64>) -> Result<Time, Malformed> {
    let out_of_range = || Malformed::new("a time of day of 24 hours or more");
    let nanoseconds = nanoseconds.ok_or_else(out_of_range)?;
    let of_second = u32::try_from(nanoseconds % 1_000_000_000).map_err(|_| out_of_range())?;
    let seconds = nanoseconds / 1_000_000_000;
    let part = |value: u64| u8::try_from(value).map_err(|_| out_of_range());
    Time::from_hms_nano(
        part(seconds / 3600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        of_second,
    )
    .map_err(|_| out_of_range())
}

/// `datetime` in eight bytes (days since 1900, three-hundredths of a second), `smalldatetime` in four (days, minutes).
fn old_date_time(bytes: &[u8]) -> Result<PrimitiveDateTime, Malformed> {
    let mut fields = Reader::new(bytes);
    let (days, nanoseconds) = if bytes.len() == 4 {
        (
            i64::from(fields.u16()?),
            u64::from(fields.u16()?) * 60_000_000_000,
        )
    } else {
        let days = i64::from(i32::from_le_bytes(fields.array()?));
        let ticks = u64::from(fields.u32()?);
        // SQL Server shows the milliseconds rounded: .000, .003, .007.
        (days, (ticks * 10 + 1) / 3 * 1_000_000)
    };
    let day = Date::from_ordinal_date(1900, 1)
        .ok()
        .and_then(|first| first.checked_add(Duration::days(days)))
        .ok_or_else(|| Malformed::new("a datetime out of range"))?;
    Ok(PrimitiveDateTime::new(day, time_of_day(Some(nanoseconds))?))
}
