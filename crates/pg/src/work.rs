/// What a transaction does: an async closure `async |tx| …` that can be run again.
///
/// Implemented by every such closure that borrows what it captures, which is to say one without `move`:
/// it may be called again after a deadlock, so it cannot consume or change what is outside. The trait exists
/// to ask that the closure's future be `Send`, which Rust cannot ask of `AsyncFnMut` yet.
pub trait Work<A, R>: AsyncFnMut(A) -> R + FnMut(A) -> <Self as Work<A, R>>::Fut {
    /// The closure's future.
    type Fut: Future<Output = R>;
}

impl<F, A, Fut, R> Work<A, R> for F
where
    F: AsyncFnMut(A) -> R + FnMut(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}
