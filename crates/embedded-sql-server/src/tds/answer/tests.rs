//! The tokens of an answer, in their order.

use super::*;
use crate::{
    tds::packets::{Assembler, DEFAULT_PACKET_SIZE},
    value::SqlType,
};

const MORE: u16 = 0x01;
const ERROR: u16 = 0x02;
const COUNT: u16 = 0x10;
const ATTENTION: u16 = 0x20;

/// The tokens of an answer that hold nothing of variable length but DONE, RETURNSTATUS and errors.
fn answered(form: Form, cancel: bool, act: impl FnOnce(&mut dyn Sink)) -> Vec<String> {
    let mut assembler = Assembler::default();
    let cancelled = Arc::<AtomicBool>::default();
    let flag = Arc::clone(&cancelled);
    let mut answer = Answer::new(
        form,
        51,
        DEFAULT_PACKET_SIZE,
        cancelled,
        |packets: Vec<u8>| {
            assembler.feed(&packets);
        },
    );
    act(&mut answer);
    flag.store(cancel, Ordering::Release);
    answer.finish();
    let payload = assembler.next_message().unwrap().unwrap().payload;
    shown(&payload)
}

fn shown(payload: &[u8]) -> Vec<String> {
    let mut reader = crate::tds::reader::Reader::new(payload);
    let mut tokens = Vec::new();
    while !reader.is_empty() {
        tokens.push(match reader.u8().unwrap() {
            token @ 0xFD..=0xFF => {
                let status = reader.u16().unwrap();
                reader.u16().unwrap();
                let count = reader.u64().unwrap();
                let name = ["DONE", "DONEPROC", "DONEINPROC"][usize::from(token) - 0xFD];
                let flags = [
                    (MORE, " more"),
                    (ERROR, " error"),
                    (ATTENTION, " attention"),
                ];
                let flags: String = flags
                    .iter()
                    .filter(|(bit, _)| status & bit != 0)
                    .map(|(_, name)| *name)
                    .collect();
                if status & COUNT == 0 {
                    format!("{name}{flags}")
                } else {
                    format!("{name}{flags} {count}")
                }
            }
            0x79 => format!("STATUS {}", reader.u32().unwrap().cast_signed()),
            0xAC => {
                // An int parameter without a name.
                let place = reader.u16().unwrap();
                reader.take(1 + 1 + 6 + 2 + 1).unwrap();
                format!("VALUE {place} {}", reader.u32().unwrap())
            }
            0xAA => {
                let length = reader.u16().unwrap();
                let body = reader.take(usize::from(length)).unwrap();
                format!(
                    "ERROR {}",
                    u32::from_le_bytes(body[..4].try_into().unwrap())
                )
            }
            0x81 => {
                // One int column without a name.
                reader.take(2 + 6 + 2 + 1).unwrap();
                "COLUMNS".to_owned()
            }
            0xD1 => {
                reader.take(5).unwrap();
                "ROW".to_owned()
            }
            other => panic!("token {other:#x}"),
        });
    }
    tokens
}

fn one_row(sink: &mut dyn Sink) {
    let column = Column {
        name: String::new(),
        sql_type: SqlType::Int,
        nullable: false,
    };
    sink.columns(&[column]);
    sink.row(&[Value::Int(1)]);
}

#[test]
fn the_last_done_of_a_batch_says_that_nothing_follows() {
    let tokens = answered(Form::Batch, false, |sink| {
        one_row(sink);
        sink.done(Some(1));
        sink.done(None);
        sink.done(Some(3));
    });
    assert_eq!(tokens, ["COLUMNS", "ROW", "DONE more 1", "DONE 3"]);
    assert_eq!(answered(Form::Batch, false, |_| ()), ["DONE"]);
}

#[test]
fn a_call_ends_with_its_status_and_doneproc() {
    let tokens = answered(Form::Procedure, false, |sink| {
        one_row(sink);
        sink.done(Some(1));
        sink.return_status(0);
    });
    assert_eq!(
        tokens,
        [
            "COLUMNS",
            "ROW",
            "DONEINPROC more 1",
            "STATUS 0",
            "DONEPROC"
        ]
    );
}

#[test]
fn output_parameters_come_between_the_status_and_the_end_of_a_call() {
    let tokens = answered(Form::Procedure, false, |sink| {
        sink.return_status(0);
        for place in [1, 2] {
            sink.return_value(&Returned {
                place,
                name: "",
                sql_type: SqlType::Int,
                value: Value::Int(i64::from(place) * 10),
            });
        }
    });
    assert_eq!(tokens, ["STATUS 0", "VALUE 1 10", "VALUE 2 20", "DONEPROC"]);
}

#[test]
fn a_select_without_count_still_ends_its_result_set() {
    let tokens = answered(Form::Procedure, false, |sink| {
        one_row(sink);
        sink.done(None);
        sink.return_status(0);
    });
    assert_eq!(
        tokens,
        ["COLUMNS", "ROW", "DONEINPROC more", "STATUS 0", "DONEPROC"]
    );
}

#[test]
fn an_error_marks_the_done_after_it() {
    let fail = |sink: &mut dyn Sink| {
        sink.done(Some(2));
        sink.error(&SqlError::new(2627, "twice"));
    };
    assert_eq!(
        answered(Form::Batch, false, fail),
        ["DONE more 2", "ERROR 2627", "DONE error"]
    );
    assert_eq!(
        answered(Form::Procedure, false, fail),
        [
            "DONEINPROC more 2",
            "ERROR 2627",
            "STATUS 2627",
            "DONEPROC error"
        ]
    );
    let goes_on = answered(Form::Batch, false, |sink| {
        sink.error(&SqlError::new(547, "no"));
        sink.done(None);
        sink.done(Some(1));
    });
    assert_eq!(goes_on, ["ERROR 547", "DONE more error", "DONE 1"]);
}

#[test]
fn a_procedure_called_in_a_batch_has_its_own_end() {
    let tokens = answered(Form::Batch, false, |sink| {
        sink.done(Some(1));
        sink.return_status(5);
        sink.done(Some(2));
    });
    assert_eq!(
        tokens,
        ["DONE more 1", "STATUS 5", "DONEPROC more", "DONE 2"]
    );
}

#[test]
fn a_cancelled_answer_ends_where_it_stands() {
    let tokens = answered(Form::Procedure, true, |sink| {
        sink.done(Some(1));
    });
    assert_eq!(tokens, ["DONEINPROC more 1", "DONE"]);
}
