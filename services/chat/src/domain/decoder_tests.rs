use proptest::prelude::*;

use super::*;

/// The text of an answer that arrives in chunks of `size` bytes.
fn decode(content_type: &str, bytes: &[u8], size: usize) -> Result<String, DecodeError> {
    let mut decoder = Decoder::new(Some(content_type));
    let mut text = String::new();
    for chunk in bytes.chunks(size) {
        let mut pieces = Vec::new();
        decoder.push(chunk, &mut pieces)?;
        for piece in pieces {
            match piece {
                Piece::Text(more) => text.push_str(&more),
                Piece::End => return Ok(text),
            }
        }
    }
    for piece in decoder.finish()? {
        if let Piece::Text(more) = piece {
            text.push_str(&more);
        }
    }
    Ok(text)
}

const N8N: &str = concat!(
    r#"{"type":"begin","metadata":{"nodeName":"AI"}}"#,
    "\n",
    r#"{"type":"item","content":"Grüß "}"#,
    "\n",
    r#"{"type":"item","content":"Gott"}"#,
    "\n",
    r#"{"type":"end"}"#,
    "\n",
);
const OPENAI: &str = concat!(
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"Grüß \"}}]}\r\n\r\n",
    ": comment\n\n",
    "data: {\"choices\":[{\"delta\":{\"content\":\"Gott\"}}]}\n\n",
    "data: [DONE]\n\n",
);
const OURS: &str = concat!(
    "event: start\ndata: {\"messageId\":\"m\"}\n\n",
    "id: 1\nevent: delta\ndata: {\"text\":\"Grüß \"}\n\n",
    "id: 2\nevent: delta\ndata: {\"text\":\"Gott\"}\n\n",
    "event: done\ndata: {\"text\":\"Grüß Gott\"}\n\n",
);

#[test]
fn every_form_gives_the_same_text_however_it_is_cut() {
    let forms = [
        ("text/plain; charset=utf-8", "Grüß Gott"),
        ("", "Grüß Gott"),
        ("application/json", r#"{"answer":"Grüß Gott"}"#),
        ("application/json", "{\n  \"output\": \"Grüß Gott\"\n}\n"),
        ("application/json; charset=utf-8", N8N),
        ("application/x-ndjson", N8N),
        ("text/event-stream", OPENAI),
        ("text/event-stream", OURS),
        ("text/event-stream", "data: Grüß \n\ndata: Gott"),
    ];
    for (content_type, body) in forms {
        for size in [1, 2, 3, 7, 1000] {
            assert_eq!(
                decode(content_type, body.as_bytes(), size).unwrap(),
                "Grüß Gott",
                "{content_type} {size} {body}"
            );
        }
    }
}

#[test]
fn failures_are_told_apart() {
    assert_eq!(
        decode("application/json", b"{\"type\":\"error\",\"content\":\"x\"}\n", 99),
        Err(DecodeError::Reported)
    );
    assert_eq!(decode("text/event-stream", b"event: error\ndata: {}\n\n", 99), Err(DecodeError::Reported));
    assert_eq!(decode("application/json", b"{\"ok\":true}", 99), Err(DecodeError::Empty));
    assert_eq!(decode("text/plain", b"  \n", 99), Err(DecodeError::Empty));
    assert_eq!(decode("application/json", b"<html>", 99), Err(DecodeError::NotText));
    assert_eq!(decode("text/plain", b"\xff\xfe", 99), Err(DecodeError::NotText));
    assert_eq!(decode("application/json", &vec![b' '; MAX_BUFFER + 1], 4096), Err(DecodeError::TooLong));
}

#[test]
fn what_came_before_a_failure_is_kept() {
    let mut pieces = Vec::new();
    let mut decoder = Decoder::new(Some("text/event-stream"));
    let pushed = decoder.push(b"data: half\n\nevent: error\ndata: {}\n\n", &mut pieces);
    assert_eq!((pushed, pieces), (Err(DecodeError::Reported), vec![Piece::Text("half".to_owned())]));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, size in 1usize..9, form in 0usize..4) {
        let types = ["text/plain", "application/json", "application/x-ndjson", "text/event-stream"];
        let _ = decode(types[form], &bytes, size);
    }
}
