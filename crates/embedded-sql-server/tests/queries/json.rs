use std::time::Instant;

use embedded_sql_server::{
    collect::Collected,
    value::{Length, Parameter, SqlType, Value},
};

use crate::ask::{batch, error, lines, one, value, world};

#[test]
fn openjson_with_types_its_columns() {
    let answer = batch(
        r#"SELECT * FROM OPENJSON(N'[{"id":9007199254740993,"name":"A \"b\"","price":"12.3450","at":"2026-01-02T03:04:05.1234Z","ok":true,"inner":{"x":[1, 2]},"g":"0F0E0D0C-0B0A-0908-0706-050403020100","amount":922337203685477.5807},{"id":2}]')
        WITH (id bigint, name nvarchar(50), price decimal(9,2), at datetime2(3), ok bit '$.ok', x int '$.inner.x[1]', inner_json nvarchar(max) '$.inner' AS JSON, g uniqueidentifier, amount decimal(25,4), nothing int '$.no.where') AS j"#,
    );
    assert_eq!(answer.errors, []);
    let types: Vec<_> = answer.sets[0]
        .columns
        .iter()
        .map(|column| column.sql_type)
        .collect();
    assert_eq!(
        types[..5],
        [
            SqlType::BigInt,
            SqlType::NVarChar(Length::Limited(50)),
            SqlType::Decimal {
                precision: 9,
                scale: 2
            },
            SqlType::DateTime2(3),
            SqlType::Bit
        ]
    );
    let shown: Vec<Vec<_>> = answer
        .rows()
        .iter()
        .map(|row| row.iter().map(crate::ask::shown).collect())
        .collect();
    assert_eq!(
        shown[0],
        [
            "9007199254740993",
            "A \"b\"",
            "12.35",
            "2026-01-02 3:04:05.123",
            "1",
            "2",
            r#"{"x":[1, 2]}"#,
            "0f0e0d0c-0b0a-0908-0706-050403020100",
            "922337203685477.5807",
            "NULL"
        ]
    );
    assert_eq!(shown[1][1..], ["NULL"; 9]);
}

#[test]
fn openjson_without_with_gives_key_value_and_type() {
    assert_eq!(
        lines(
            r#"SELECT [key], value, type FROM OPENJSON(N'{"a":null,"b":"x","c":1.50,"d":true,"e":[1],"f":{}}')"#
        ),
        [
            "a|NULL|0", "b|x|1", "c|1.50|2", "d|true|3", "e|[1]|4", "f|{}|5"
        ]
    );
    assert_eq!(
        lines("SELECT [key], value FROM OPENJSON(N'[5,6]')"),
        ["0|5", "1|6"]
    );
    assert_eq!(
        lines(r#"SELECT value FROM OPENJSON(N'{"a":{"b":[1,2]}}', '$.a.b')"#),
        ["1", "2"]
    );
    assert_eq!(
        lines(
            "SELECT c.Id FROM dbo.Customer c WHERE c.Id IN (SELECT value FROM OPENJSON(N'[1,\"3\"]')) ORDER BY c.Id"
        ),
        ["1", "3"]
    );
}

#[test]
fn openjson_reads_scalars_single_objects_and_paths() {
    assert_eq!(
        lines("SELECT id FROM OPENJSON(N'[7,8]') WITH (id int '$')"),
        ["7", "8"]
    );
    assert_eq!(
        lines(r#"SELECT a FROM OPENJSON(N'{"a":1}') WITH (a int)"#),
        ["1"]
    );
    assert_eq!(
        lines(r#"SELECT a FROM OPENJSON(N'{"items":[{"a":1},{"a":2}]}', '$.items') WITH (a int)"#),
        ["1", "2"]
    );
    assert_eq!(
        lines(r#"SELECT a FROM OPENJSON(N'{"items":[]}', '$.other') WITH (a int)"#),
        Vec::<String>::new()
    );
    assert_eq!(
        lines(r#"SELECT A FROM OPENJSON(N'[{"a":1}]') WITH (A int)"#),
        ["NULL"]
    );
}

#[test]
fn openjson_of_null_has_no_rows_and_of_nonsense_an_error() {
    assert_eq!(
        lines("DECLARE @j nvarchar(max); SELECT * FROM OPENJSON(@j) WITH (a int)"),
        Vec::<String>::new()
    );
    assert_eq!(error("SELECT * FROM OPENJSON(N'[{]') WITH (a int)"), 13609);
    assert_eq!(error("SELECT * FROM OPENJSON(N'')"), 13609);
    assert_eq!(
        error(r#"SELECT * FROM OPENJSON(N'[{"a":"x"}]') WITH (a int)"#),
        245
    );
    assert_eq!(
        error(r#"SELECT * FROM OPENJSON(N'[{"a":"x"}]') WITH (a bigint)"#),
        8114
    );
    assert_eq!(
        error(r#"SELECT * FROM OPENJSON(N'[{"a":1}]') WITH (a int 'strict $.a')"#),
        40000
    );
    assert_eq!(
        error(r#"SELECT * FROM OPENJSON(N'[{"a":{}}]') WITH (a nvarchar(100) AS JSON)"#),
        13618
    );
}

#[test]
fn openjson_joins_and_applies() {
    assert_eq!(
        lines(
            r#"SELECT c.Name, j.n FROM OPENJSON(N'[{"id":3,"n":"c"},{"id":1,"n":"a"},{"id":9,"n":"z"}]') WITH (id int, n nvarchar(5)) AS j LEFT JOIN dbo.Customer AS c ON c.Id = j.id ORDER BY j.id"#
        ),
        ["Alpha|a", "Gamma|c", "NULL|z"]
    );
    assert_eq!(
        lines(
            r#"SELECT o.id, i.v FROM OPENJSON(N'[{"id":1,"list":[5,6]},{"id":2,"list":[]},{"id":3}]') WITH (id int, list nvarchar(max) AS JSON) AS o OUTER APPLY OPENJSON(o.list) WITH (v int '$') AS i ORDER BY o.id, i.v"#
        ),
        ["1|5", "1|6", "2|NULL", "3|NULL"]
    );
    assert_eq!(
        lines(
            r#"SELECT c.Id FROM dbo.Customer c WHERE EXISTS (SELECT 1 FROM OPENJSON(N'[{"id":2}]') WITH (id int) AS j WHERE j.id = c.Id)"#
        ),
        ["2"]
    );
}

#[test]
fn json_functions_read_values_and_parts() {
    let json = r#"N'{"a":{"b":[1,"x",{"c":true}]},"n":1.50}'"#;
    assert_eq!(
        one(&format!("JSON_VALUE({json}, '$.a.b[1]')")),
        (SqlType::NVarChar(Length::Limited(4000)), "x".to_owned())
    );
    assert_eq!(value(&format!("JSON_VALUE({json}, '$.n')")), "1.50");
    assert_eq!(value(&format!("JSON_VALUE({json}, '$.a')")), "NULL");
    assert_eq!(
        value(&format!("JSON_QUERY({json}, '$.a.b[2]')")),
        r#"{"c":true}"#
    );
    assert_eq!(value(&format!("JSON_QUERY({json}, '$.n')")), "NULL");
    assert_eq!(
        one(r#"STRING_ESCAPE(N'a"b\c/d' + NCHAR(10) + NCHAR(1), 'json')"#),
        (
            SqlType::NVarChar(Length::Max),
            r#"a\"b\\c\/d\n\u0001"#.to_owned()
        )
    );
    assert_eq!(value("ISJSON(N'[1]')"), "1");
    assert_eq!(value("ISJSON(N'1')"), "0");
    assert_eq!(value("ISJSON(NULL)"), "NULL");
    assert_eq!(error("SELECT JSON_VALUE(N'{', '$.a')"), 13609);
}

fn large_document() -> String {
    let rows: Vec<String> = (0..10_000)
        .map(|row| {
            let cells: Vec<String> = (0..20)
                .map(|column| format!("\"c{column}\":\"value {row} {column}\""))
                .collect();
            format!("{{\"id\":{row},{}}}", cells.join(","))
        })
        .collect();
    format!("[{}]", rows.join(","))
}

#[test]
fn ten_thousand_elements_of_twenty_columns_are_read_in_seconds_even_unoptimised() {
    let columns: Vec<String> = (0..20)
        .map(|column| format!("c{column} nvarchar(50)"))
        .collect();
    let parameters = [Parameter {
        name: "@P1".to_owned(),
        sql_type: SqlType::NVarChar(Length::Max),
        value: Value::Text(large_document()),
        returned: None,
    }];
    let mut session = world();
    let started = Instant::now();
    let mut sink = Collected::default();
    session.execute_sql(
        &format!(
            "SELECT * FROM OPENJSON(@P1) WITH (id int, {})",
            columns.join(", ")
        ),
        &parameters,
        &mut sink,
    );
    assert_eq!(sink.errors, []);
    assert_eq!(sink.rows().len(), 10_000);
    println!("read: {:?}", started.elapsed());
    // A correlated test of the same document does not read it again for every row.
    let started = Instant::now();
    let mut sink = Collected::default();
    let text = "SELECT COUNT(*) FROM OPENJSON(@P1) WITH (id int) AS a WHERE EXISTS (SELECT 1 FROM OPENJSON(@P1) WITH (id int) AS b WHERE b.id = a.id + 1)";
    session.execute_sql(text, &parameters, &mut sink);
    assert_eq!(sink.errors, []);
    assert_eq!(sink.rows(), [[Value::Int(9_999)]]);
    println!("correlated: {:?}", started.elapsed());
    assert!(
        started.elapsed().as_secs() < 60,
        "a correlated document is read once per row"
    );
}
