use std::fmt;
use std::str::FromStr;

use witan_ids::StreamId;

/// A place in a stream, as the `id` of its events says it: the stream and the number. A conversation has many streams;
/// with the number alone a client that comes back late would miss the beginning of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// Missing when a client gives only the number: then it means the latest stream.
    pub(crate) stream: Option<StreamId>,
    pub(crate) seq: i32,
}

impl Position {
    pub(crate) const BEGINNING: Self = Self { stream: None, seq: 0 };
}

#[derive(Debug, thiserror::Error)]
#[error("must be the id of an event of this stream")]
pub(crate) struct PositionError;

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (stream, seq) = match text.rsplit_once('.') {
            Some((stream, seq)) => (Some(stream.parse().map_err(|_| PositionError)?), seq),
            None => (None, text),
        };
        let seq = seq.parse().ok().filter(|seq| *seq >= 0).ok_or(PositionError)?;
        Ok(Self { stream, seq })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stream {
            Some(stream) => write!(f, "{stream}.{}", self.seq),
            None => write!(f, "{}", self.seq),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_and_a_bare_number() {
        let text = "str_01h455vb4pex5vsknk084sn02q.17";
        let position: Position = text.parse().unwrap();
        assert_eq!((position.to_string().as_str(), position.seq), (text, 17));
        assert_eq!("5".parse::<Position>().unwrap(), Position { stream: None, seq: 5 });
        for bad in ["", "-1", "x.1", "msg_01h455vb4pex5vsknk084sn02q.1", "str_01h455vb4pex5vsknk084sn02q."] {
            assert!(bad.parse::<Position>().is_err(), "{bad}");
        }
    }
}
