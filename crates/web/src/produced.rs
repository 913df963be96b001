//! A body that is made while it is sent.
//!
//! Whoever makes it writes at the pace at which it is read, and a fault in the middle breaks the connection off: what
//! arrives whole is whole. The work is part of the body, so it ends with the request and is nowhere left behind.

use std::pin::Pin;

use actix_web::body::{BodyStream, BoxBody, MessageBody as _};
use bytes::{Bytes, BytesMut};
use futures_util::stream::unfold;
use tokio::sync::mpsc;

use crate::Problem;

/// How much is gathered before it is sent.
const CHUNK: usize = 16 * 1024;

type Work = Pin<Box<dyn Future<Output = Result<(), Problem>>>>;

/// Where the maker puts the body.
pub struct Writer {
    buffer: BytesMut,
    chunks: mpsc::Sender<Bytes>,
}

impl Writer {
    /// Adds to the body; waits while the reader is behind.
    ///
    /// # Errors
    /// When nobody reads any longer.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() < CHUNK { Ok(()) } else { self.flush().await }
    }

    /// Sends what is gathered.
    ///
    /// # Errors
    /// When nobody reads any longer.
    pub async fn flush(&mut self) -> Result<(), Problem> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = self.buffer.split().freeze();
        self.chunks.send(chunk).await.map_err(Problem::internal)
    }
}

/// A body of which the first part is there.
pub struct Produced {
    first: Option<Bytes>,
    chunks: mpsc::Receiver<Bytes>,
    /// None when all is written.
    work: Option<Work>,
}

impl Produced {
    /// Begins to make a body and waits for its first part, so that what fails at once can still be answered by a problem.
    ///
    /// # Errors
    /// Those of the maker before its first part.
    pub async fn begin(
        make: impl AsyncFnOnce(&mut Writer) -> Result<(), Problem> + 'static,
    ) -> Result<Self, Problem> {
        let (sender, chunks) = mpsc::channel(1);
        let work = async move {
            let mut writer = Writer { buffer: BytesMut::new(), chunks: sender };
            make(&mut writer).await?;
            writer.flush().await
        };
        let mut produced = Self { first: None, chunks, work: Some(Box::pin(work)) };
        produced.first = produced.next().await.transpose()?;
        Ok(produced)
    }

    /// The body.
    pub fn into_body(self) -> BoxBody {
        let chunks = unfold(self, |mut produced| async {
            let chunk = match produced.first.take() {
                Some(first) => Ok(first),
                None => produced.next().await?,
            };
            Some((chunk, produced))
        });
        BodyStream::new(Box::pin(chunks)).boxed()
    }

    async fn next(&mut self) -> Option<Result<Bytes, Problem>> {
        while let Some(work) = &mut self.work {
            tokio::select! {
                biased;
                Some(chunk) = self.chunks.recv() => return Some(Ok(chunk)),
                done = work => {
                    self.work = None;
                    if let Err(problem) = done {
                        return Some(Err(problem));
                    }
                }
            }
        }
        self.chunks.recv().await.map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;
    use crate::codes;

    #[actix_web::test]
    async fn all_of_it_arrives_in_order() {
        let produced = Produced::begin(async |out: &mut Writer| {
            for number in 0..10_000 {
                out.write(format!("{number}\n").as_bytes()).await?;
            }
            Ok(())
        });
        let body = to_bytes(produced.await.unwrap().into_body()).await.unwrap();
        let expected: String = (0..10_000).map(|number| format!("{number}\n")).collect();
        assert!(body == expected);
    }

    #[actix_web::test]
    async fn a_fault_before_the_first_part_is_a_problem_and_one_after_it_breaks_the_body() {
        let at_once = async |out: &mut Writer| {
            out.write(b"not sent yet").await?;
            Err(Problem::new(&codes::UNAVAILABLE))
        };
        assert_eq!(Produced::begin(at_once).await.err().unwrap().code(), &codes::UNAVAILABLE);
        let later = Produced::begin(async move |out: &mut Writer| {
            // More than fits between maker and reader.
            for _ in 0..3 {
                out.write(b"sent").await?;
                out.flush().await?;
            }
            Err(Problem::new(&codes::UNAVAILABLE))
        });
        assert!(to_bytes(later.await.unwrap().into_body()).await.is_err());
    }

    #[actix_web::test]
    async fn nothing_is_an_empty_body() {
        let produced = Produced::begin(async |_: &mut Writer| Ok(())).await.unwrap();
        assert!(to_bytes(produced.into_body()).await.unwrap().is_empty());
    }
}
