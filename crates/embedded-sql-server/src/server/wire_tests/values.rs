//! Every type as a parameter and as a column.

use rust_decimal::Decimal;
use tiberius::ToSql;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};
use uuid::Uuid;

use super::{Tiberius, connect, scripted};

async fn echoed(client: &mut Tiberius, parameters: &[&dyn ToSql]) -> tiberius::Row {
    client
        .query("SELECT", parameters)
        .await
        .unwrap()
        .into_row()
        .await
        .unwrap()
        .unwrap()
}

fn moment() -> PrimitiveDateTime {
    let date = Date::from_calendar_date(2025, Month::February, 28).unwrap();
    PrimitiveDateTime::new(date, Time::from_hms_nano(23, 59, 59, 123_456_700).unwrap())
}

#[tokio::test]
async fn numbers_come_back_as_they_went() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let row = echoed(
        &mut client,
        &[&true, &200_u8, &-3_i16, &i32::MIN, &i64::MAX, &1.5_f64],
    )
    .await;
    assert_eq!(row.get::<bool, _>(0), Some(true));
    assert_eq!(row.get::<u8, _>(1), Some(200));
    assert_eq!(row.get::<i16, _>(2), Some(-3));
    assert_eq!(row.get::<i32, _>(3), Some(i32::MIN));
    assert_eq!(row.get::<i64, _>(4), Some(i64::MAX));
    assert_eq!(row.get::<f64, _>(5), Some(1.5));
}

#[tokio::test]
async fn decimals_come_back_as_they_went() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    for text in [
        "0.00",
        "12.34",
        "-12.34",
        "0.5",
        "99999999.99",
        "-1234567890123456.789",
        "79228162514264337593543950335",
    ] {
        let number: Decimal = text.parse().unwrap();
        let row = echoed(&mut client, &[&number]).await;
        assert_eq!(row.get::<Decimal, _>(0), Some(number), "{text}");
    }
}

#[tokio::test]
async fn times_come_back_as_they_went() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let offset = moment().assume_offset(UtcOffset::from_hms(-7, -30, 0).unwrap());
    let first = Date::from_calendar_date(1, Month::January, 1).unwrap();
    let row = echoed(&mut client, &[&moment(), &moment().date(), &offset, &first]).await;
    assert_eq!(row.get::<PrimitiveDateTime, _>(0), Some(moment()));
    assert_eq!(row.get::<Date, _>(1), Some(moment().date()));
    let back = row.get::<OffsetDateTime, _>(2).unwrap();
    assert_eq!(back, offset);
    assert_eq!(back.offset(), offset.offset());
    assert_eq!(row.get::<Date, _>(3), Some(first));
}

#[tokio::test]
async fn texts_bytes_and_identifiers_come_back_as_they_went() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let uuid = Uuid::from_u128(0x1234_5678_9ABC_DEF0_1122_3344_5566_7788);
    let row = echoed(
        &mut client,
        &[
            &"Grüße 漢字 😀",
            &"",
            &vec![0_u8, 255, 7],
            &Vec::<u8>::new(),
            &uuid,
        ],
    )
    .await;
    assert_eq!(row.get::<&str, _>(0), Some("Grüße 漢字 😀"));
    assert_eq!(row.get::<&str, _>(1), Some(""));
    assert_eq!(row.get::<&[u8], _>(2), Some(&[0, 255, 7][..]));
    assert_eq!(row.get::<&[u8], _>(3), Some(&[][..]));
    assert_eq!(row.get::<Uuid, _>(4), Some(uuid));
}

#[tokio::test]
async fn null_of_every_type_comes_back_as_null() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    let nulls: [&dyn ToSql; 13] = [
        &None::<bool>,
        &None::<u8>,
        &None::<i16>,
        &None::<i32>,
        &None::<i64>,
        &None::<f64>,
        &None::<Decimal>,
        &None::<&str>,
        &None::<&[u8]>,
        &None::<Uuid>,
        &None::<PrimitiveDateTime>,
        &None::<Date>,
        &None::<OffsetDateTime>,
    ];
    let row = echoed(&mut client, &nulls).await;
    assert_eq!(row.get::<bool, _>(0), None);
    assert_eq!(row.get::<i64, _>(4), None);
    assert_eq!(row.get::<Decimal, _>(6), None);
    assert_eq!(row.get::<&str, _>(7), None);
    assert_eq!(row.get::<&[u8], _>(8), None);
    assert_eq!(row.get::<Uuid, _>(9), None);
    assert_eq!(row.get::<PrimitiveDateTime, _>(10), None);
    assert_eq!(row.get::<Date, _>(11), None);
    assert_eq!(row.get::<OffsetDateTime, _>(12), None);
}

#[tokio::test]
async fn texts_around_every_limit_of_length_survive() {
    let (server, _) = scripted().await;
    let mut client = connect(&server).await;
    for length in [
        1999, 2000, 2001, 3999, 4000, 4001, 8000, 8001, 65_535, 1_000_000,
    ] {
        let text = "x".repeat(length);
        let row = echoed(&mut client, &[&text, &text.as_bytes()]).await;
        assert_eq!(row.get::<&str, _>(0).map(str::len), Some(length));
        assert_eq!(row.get::<&[u8], _>(1), Some(text.as_bytes()));
    }
}
