//! Parameters and columns of every type, through the engine.

use rust_decimal::Decimal;
use tiberius::ToSql;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
use uuid::Uuid;

use super::{Tiberius, connect, number, row, run, server};

async fn echoed(client: &mut Tiberius, parameters: &[&dyn ToSql]) -> tiberius::Row {
    let columns: Vec<String> = (1..=parameters.len())
        .map(|place| format!("@P{place} AS c{place}"))
        .collect();
    let text = format!("SELECT {}", columns.join(", "));
    let answer = client.query(text, parameters).await.unwrap();
    answer.into_row().await.unwrap().unwrap()
}

fn moment() -> PrimitiveDateTime {
    let date = Date::from_calendar_date(2025, Month::February, 28).unwrap();
    PrimitiveDateTime::new(date, Time::from_hms_nano(23, 59, 59, 123_456_700).unwrap())
}

#[tokio::test]
async fn parameters_come_back_as_columns() {
    let server = server().await;
    let mut client = connect(&server).await;
    let decimal: Decimal = "-1234.56".parse().unwrap();
    let uuid = Uuid::from_u128(0x1234_5678_9ABC_DEF0_1122_3344_5566_7788);
    let offset = moment().assume_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
    let text = "Grüße 漢字 😀 '";
    let row = echoed(
        &mut client,
        &[
            &true,
            &200_u8,
            &-3_i16,
            &i32::MIN,
            &i64::MAX,
            &1.5_f64,
            &decimal,
            &text,
            &vec![0_u8, 255, 7],
            &uuid,
            &moment().date(),
            &moment(),
            &offset,
        ],
    )
    .await;
    assert_eq!(row.get::<bool, _>("c1"), Some(true));
    assert_eq!(row.get::<u8, _>(1), Some(200));
    assert_eq!(row.get::<i16, _>(2), Some(-3));
    assert_eq!(row.get::<i32, _>(3), Some(i32::MIN));
    assert_eq!(row.get::<i64, _>(4), Some(i64::MAX));
    assert_eq!(row.get::<f64, _>(5), Some(1.5));
    assert_eq!(row.get::<Decimal, _>(6), Some(decimal));
    assert_eq!(row.get::<&str, _>(7), Some(text));
    assert_eq!(row.get::<&[u8], _>(8), Some(&[0, 255, 7][..]));
    assert_eq!(row.get::<Uuid, _>(9), Some(uuid));
    assert_eq!(row.get::<Date, _>(10), Some(moment().date()));
    assert_eq!(row.get::<PrimitiveDateTime, _>(11), Some(moment()));
    assert_eq!(row.get::<OffsetDateTime, _>(12), Some(offset));
}

#[tokio::test]
async fn null_parameters_come_back_as_null_columns_of_their_type() {
    let server = server().await;
    let mut client = connect(&server).await;
    let row = echoed(
        &mut client,
        &[
            &None::<bool>,
            &None::<i64>,
            &None::<f64>,
            &None::<Decimal>,
            &None::<&str>,
            &None::<&[u8]>,
            &None::<Uuid>,
            &None::<Date>,
            &None::<PrimitiveDateTime>,
            &None::<OffsetDateTime>,
        ],
    )
    .await;
    assert_eq!(row.get::<bool, _>(0), None);
    assert_eq!(row.get::<i64, _>(1), None);
    assert_eq!(row.get::<f64, _>(2), None);
    assert_eq!(row.get::<Decimal, _>(3), None);
    assert_eq!(row.get::<&str, _>(4), None);
    assert_eq!(row.get::<&[u8], _>(5), None);
    assert_eq!(row.get::<Uuid, _>(6), None);
    assert_eq!(row.get::<Date, _>(7), None);
    assert_eq!(row.get::<PrimitiveDateTime, _>(8), None);
    assert_eq!(row.get::<OffsetDateTime, _>(9), None);
}

#[tokio::test]
async fn columns_keep_their_declared_types() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(
        &mut client,
        "CREATE TABLE dbo.Kinds (
            Id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Kinds PRIMARY KEY,
            Flag bit NOT NULL, Tiny tinyint NULL, Small smallint NULL, Big bigint NULL,
            Price decimal(10,2) NULL, Ratio float NULL,
            Code varchar(20) NULL, Fixed char(4) NULL, Name nvarchar(50) NULL, Body nvarchar(max) NULL,
            Bytes varbinary(max) NULL, Guid uniqueidentifier NULL,
            Day date NULL, At datetime2(3) NULL, Old datetime NULL, Zoned datetimeoffset(7) NULL);",
    )
    .await;
    run(
        &mut client,
        "INSERT INTO dbo.Kinds (Flag, Tiny, Small, Big, Price, Ratio, Code, Fixed, Name, Body, Bytes, Guid, Day, At, Old, Zoned)
         VALUES (1, 255, -2, 9007199254740993, 12.5, 0.25, 'abc', 'ab', N'ä', N'long', 0x0102,
                 '12345678-9ABC-DEF0-1122-334455667788', '2025-02-28', '2025-02-28T10:11:12.3456',
                 '2025-02-28T10:11:12.007', '2025-02-28T10:11:12.5 +02:00');",
    )
    .await;
    let row = row(&mut client, "SELECT * FROM dbo.Kinds;").await;
    assert_eq!(row.get::<i32, _>("Id"), Some(1));
    assert_eq!(row.get::<bool, _>("Flag"), Some(true));
    assert_eq!(row.get::<u8, _>("Tiny"), Some(255));
    assert_eq!(row.get::<i16, _>("Small"), Some(-2));
    assert_eq!(row.get::<i64, _>("Big"), Some(9_007_199_254_740_993));
    assert_eq!(
        row.get::<Decimal, _>("Price"),
        Some("12.50".parse().unwrap())
    );
    assert_eq!(row.get::<f64, _>("Ratio"), Some(0.25));
    assert_eq!(row.get::<&str, _>("Code"), Some("abc"));
    assert_eq!(row.get::<&str, _>("Fixed"), Some("ab  "));
    assert_eq!(row.get::<&str, _>("Name"), Some("ä"));
    assert_eq!(row.get::<&str, _>("Body"), Some("long"));
    assert_eq!(row.get::<&[u8], _>("Bytes"), Some(&[1, 2][..]));
    let guid = Uuid::from_u128(0x1234_5678_9ABC_DEF0_1122_3344_5566_7788);
    assert_eq!(row.get::<Uuid, _>("Guid"), Some(guid));
    assert_eq!(row.get::<Date, _>("Day"), Some(moment().date()));
    let at = |nanosecond| {
        let time = Time::from_hms_nano(10, 11, 12, nanosecond).unwrap();
        PrimitiveDateTime::new(moment().date(), time)
    };
    assert_eq!(row.get::<PrimitiveDateTime, _>("At"), Some(at(346_000_000)));
    // tiberius gives the ticks of three-hundredths exactly.
    assert_eq!(row.get::<PrimitiveDateTime, _>("Old"), Some(at(6_666_666)));
    let zoned = at(500_000_000).assume_offset(UtcOffset::from_hms(2, 0, 0).unwrap());
    assert_eq!(row.get::<OffsetDateTime, _>("Zoned"), Some(zoned));
}

#[tokio::test]
async fn a_text_of_a_million_characters_goes_in_and_out() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(
        &mut client,
        "CREATE TABLE dbo.T (Body nvarchar(max) NOT NULL);",
    )
    .await;
    let text = "äx".repeat(500_000);
    let inserted = client
        .execute("INSERT INTO dbo.T (Body) VALUES (@P1);", &[&text])
        .await
        .unwrap();
    assert_eq!(inserted.total(), 1);
    let row = row(&mut client, "SELECT Body FROM dbo.T;").await;
    assert!(row.get::<&str, _>(0) == Some(&text));
}

#[tokio::test]
async fn many_rows_go_in_as_one_parameter_and_come_back() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(
        &mut client,
        "CREATE TABLE dbo.T (Id int NOT NULL PRIMARY KEY, Name nvarchar(50) NOT NULL);",
    )
    .await;
    let json: Vec<String> = (0..10_000)
        .map(|id| format!(r#"{{"id":{id},"name":"number {id}"}}"#))
        .collect();
    let inserted = client
        .execute(
            "INSERT INTO dbo.T (Id, Name) SELECT j.id, j.name
             FROM OPENJSON(@P1) WITH (id int '$.id', name nvarchar(50) '$.name') AS j;",
            &[&format!("[{}]", json.join(","))],
        )
        .await
        .unwrap();
    assert_eq!(inserted.total(), 10_000);
    let rows = client
        .simple_query("SELECT Id, Name FROM dbo.T ORDER BY Id;")
        .await
        .unwrap();
    let rows = rows.into_first_result().await.unwrap();
    assert_eq!(rows.len(), 10_000);
    assert_eq!(rows[9_999].get::<&str, _>(1), Some("number 9999"));
    assert_eq!(
        number(&mut client, "SELECT COUNT(*) FROM dbo.T;").await,
        10_000
    );
}

#[tokio::test]
async fn counts_follow_nocount() {
    let server = server().await;
    let mut client = connect(&server).await;
    run(&mut client, "CREATE TABLE dbo.T (Id int NOT NULL);").await;
    let counted = client
        .execute(
            "INSERT INTO dbo.T (Id) VALUES (1), (2); UPDATE dbo.T SET Id = 3 WHERE Id = 2;",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(counted.rows_affected(), [2, 1]);
    let silent = client
        .execute(
            "SET NOCOUNT ON; INSERT INTO dbo.T (Id) VALUES (1), (2);",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(silent.total(), 0);
}
