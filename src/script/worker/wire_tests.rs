#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::json;

fn job() -> ScriptJob {
    ScriptJob {
        programs: vec![Program::Body("return a".to_owned()), Program::Expression("steps.größe".to_owned())],
        names: vec![("a".to_owned(), None), ("steps".to_owned(), Some(vec!["größe".to_owned(), String::new()]))],
        deadline: Duration::from_millis(1500),
        bounds: JobLimits { memory: 64 << 20, output: 4 << 20, log_lines: 1000, log_bytes: 64 << 10 },
    }
}

fn outcomes() -> [ScriptOutcome; 2] {
    let mut problem = ScriptProblem::new(ScriptProblemKind::Thrown, "Error: x");
    (problem.line, problem.logs) = (Some(3), vec!["before".to_owned()]);
    [Ok((vec!["1".to_owned(), "[]".to_owned()], vec!["line".to_owned()])), Err(FailedProgram { index: 1, problem })]
}

#[test]
fn frames_are_read_as_they_were_written() {
    let given = [(0, None), (1, Some(0))];
    let mut frame = FrameBuilder::new(FrameKind::Job);
    job().write(&mut frame, &given);
    let bytes = frame.finish();
    let (kind, payload) = read(&mut bytes.as_slice(), bytes.len()).unwrap().unwrap();
    assert_eq!((kind, ScriptJob::read(&payload)), (FrameKind::Job, Ok((job(), given.to_vec()))));

    let mut value = FrameBuilder::new(FrameKind::Value);
    value.json(&json!({"a": [1, "two"]}));
    assert_eq!(&value.finish()[HEAD..], br#"{"a":[1,"two"]}"#);

    for outcome in outcomes() {
        let bytes = write_outcome(&outcome);
        let again = read_outcome(&bytes[HEAD..]).unwrap();
        match (&outcome, &again) {
            (Ok(before), Ok(after)) => assert_eq!(before, after),
            (Err(before), Err(after)) => {
                assert_eq!((before.index, &before.problem), (after.index, &after.problem));
            }
            _ => panic!("one succeeded, the other did not"),
        }
    }
    assert!(read(&mut [].as_slice(), 10).unwrap().is_none(), "the end");
}

#[test]
fn a_frame_that_is_too_long_is_rejected_before_memory_is_allocated() {
    let long = [255, 255, 255, 127, FrameKind::Done as u8];
    assert_eq!(head(long, 5 << 20), Err(InvalidFrame));
    assert!(read(&mut long.as_slice(), 5 << 20).is_err());
    assert_eq!(head([0, 0, 0, 0, 99], 10), Err(InvalidFrame), "no such kind");
    assert!(read(&mut [3, 0, 0, 0, FrameKind::Done as u8, 1].as_slice(), 10).is_err(), "cut short");
}

#[test]
fn no_bytes_from_a_worker_can_harm_the_server() {
    let refused = |payload: &[u8]| assert!(read_outcome(payload).is_err(), "{payload:?}");
    refused(&[]);
    refused(&[0]);
    // more items, and longer ones, than there are bytes
    refused(&[0, 255, 255, 255, 255]);
    refused(&[0, 1, 0, 0, 0, 255, 255, 255, 127, 1]);
    refused(&[1, 0, 0, 0, 0, 77]);
    // not UTF-8
    refused(&[0, 1, 0, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0, 0]);
    for outcome in outcomes() {
        let whole = write_outcome(&outcome);
        for length in HEAD..whole.len() {
            refused(&whole[HEAD..length]);
        }
        // each byte in turn: any result is accepted, but no panic and no endless work
        for place in HEAD..whole.len() {
            for byte in [0, 1, 127, 255] {
                let mut changed = whole.clone();
                changed[place] = byte;
                let _ = read_outcome(&changed[HEAD..]);
            }
        }
    }
}
