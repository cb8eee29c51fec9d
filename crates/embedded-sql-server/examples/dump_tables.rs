//! `dump_tables CONNECTION_STRING`: every table of a database as tiberius reads it, as JSON, for `make clients`.
//!
//! One text for a value, the same as infra/checks/clients/checks.py gives.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use tiberius::{
    Client, ColumnData, Config, FromSql, Row,
    time::time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset},
};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

type Failure = Box<dyn std::error::Error>;
type Tiberius = Client<Compat<TcpStream>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let text = std::env::args()
        .nth(1)
        .ok_or("dump_tables CONNECTION_STRING")?;
    let config = Config::from_ado_string(&text)?;
    let stream = TcpStream::connect(config.get_addr()).await?;
    let mut client = Client::connect(config, stream.compat_write()).await?;
    let mut tables = Map::new();
    for (schema, name) in names(&mut client).await? {
        let select = format!("SELECT * FROM {schema}.[{name}]");
        let mut answer = client.query(select, &[]).await?;
        let columns: Vec<String> = answer
            .columns()
            .await?
            .unwrap_or_default()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let rows = answer.into_first_result().await?;
        let rows: Vec<Vec<Value>> = rows.into_iter().map(cells).collect::<Result<_, _>>()?;
        tables.insert(name, json!({ "columns": columns, "rows": rows }));
    }
    println!("{}", Value::Object(tables));
    Ok(())
}

async fn names(client: &mut Tiberius) -> Result<Vec<(String, String)>, Failure> {
    let select = "SELECT s.name AS s, t.name AS t FROM sys.tables AS t INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id ORDER BY t.name";
    let rows = client.query(select, &[]).await?.into_first_result().await?;
    let name = |row: &Row, place: usize| row.get::<&str, _>(place).unwrap_or_default().to_owned();
    Ok(rows
        .iter()
        .map(|row| (name(row, 0), name(row, 1)))
        .filter(|(_, table)| !table.starts_with("ClientCheck"))
        .collect())
}

fn cells(row: Row) -> Result<Vec<Value>, Failure> {
    row.into_iter()
        .map(|cell| text_of(&cell).map(Value::from))
        .collect()
}

fn text_of(cell: &ColumnData<'static>) -> Result<Option<String>, Failure> {
    Ok(match cell {
        ColumnData::Bit(bit) => bit.map(|bit| bit.to_string()),
        ColumnData::U8(number) => number.map(|number| number.to_string()),
        ColumnData::I16(number) => number.map(|number| number.to_string()),
        ColumnData::I32(number) => number.map(|number| number.to_string()),
        ColumnData::I64(number) => number.map(|number| number.to_string()),
        ColumnData::F64(number) => number.map(|number| format!("float {:016x}", number.to_bits())),
        ColumnData::Numeric(_) => {
            tiberius::numeric::Decimal::from_sql(cell)?.map(|number| number.normalize().to_string())
        }
        ColumnData::String(text) => text.as_deref().map(str::to_owned),
        ColumnData::Guid(guid) => guid.map(|guid| guid.to_string()),
        ColumnData::Binary(bytes) => bytes.as_deref().map(|bytes| {
            bytes.iter().fold("0x".to_owned(), |mut text, byte| {
                // Writing to a text does not fail.
                write!(text, "{byte:02x}").ok();
                text
            })
        }),
        ColumnData::Date(_) => Date::from_sql(cell)?.map(|date| date.to_string()),
        ColumnData::DateTime(_) | ColumnData::DateTime2(_) => {
            PrimitiveDateTime::from_sql(cell)?.map(moment)
        }
        ColumnData::DateTimeOffset(_) => OffsetDateTime::from_sql(cell)?.map(|moment_there| {
            let utc = moment_there.to_offset(UtcOffset::UTC);
            moment(PrimitiveDateTime::new(utc.date(), utc.time())) + "Z"
        }),
        other => return Err(format!("a column of a type that no table has: {other:?}").into()),
    })
}

fn moment(moment: PrimitiveDateTime) -> String {
    let (hour, minute, second, micro) = moment.as_hms_micro();
    format!(
        "{}T{hour:02}:{minute:02}:{second:02}.{micro:06}",
        moment.date()
    )
}
